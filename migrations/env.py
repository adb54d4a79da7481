"""Alembic's entry: runs on the connection that `outreach.database.migrate` hands over."""

from alembic import context

import outreach.accounts.models
import outreach.campaigns.models
import outreach.conversations.edited_models
import outreach.conversations.models
import outreach.democlock
import outreach.people.models
import outreach.texting.models
import outreach.trainings.models  # noqa: F401 - the imports above fill the metadata
from outreach.database import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()

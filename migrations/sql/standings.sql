-- Keeps `standings`, the one narrow table that segments read, in step with the facts it is made from.
-- Whoever changes very many rows at once sets outreach.standings to 'later' for the transaction
-- and calls refresh_standings() at its end (outreach/people/standings.py).

CREATE FUNCTION refresh_standings(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Locked first: the next statement then sees what those we waited for have committed.
    PERFORM FROM standings WHERE person_id = ANY (ids) ORDER BY person_id FOR UPDATE;

    INSERT INTO standings AS s (
        person_id, number_id, joined_on, last_active_on, snoozed_until, shared, callable, reach, belonging
    )
    SELECT
        p.id,
        CASE WHEN w.reach = 'textable' THEN n.textable_id END,
        m.joined_on,
        a.last_active_on,
        p.snoozed_until,
        coalesce(w.reach = 'textable' AND EXISTS (
            SELECT FROM person_numbers o JOIN people q ON q.id = o.person_id
            WHERE o.number_id = n.textable_id AND o.person_id <> p.id AND o.retired_at IS NULL
                AND q.merged_into_id IS NULL
        ), false),
        coalesce(n.rings, false) AND NOT p.deceased AND p.held_because IS NULL,
        w.reach,
        CASE
            WHEN m.standing = 'lapsed' THEN 'lapsed'
            WHEN m.standing = 'member' THEN 'expired'
            WHEN m.standing = 'good_standing' OR (m.standing = 'unknown' AND m.joined_on IS NOT NULL) THEN 'member'
            ELSE 'contact'
        END
    FROM people p
    LEFT JOIN memberships m ON m.person_id = p.id
    LEFT JOIN activities a ON a.person_id = p.id
    LEFT JOIN LATERAL (
        SELECT
            count(*) AS ever,
            count(*) FILTER (WHERE u.live) AS live,
            count(*) FILTER (WHERE u.works) AS works,
            bool_or(u.live AND u.opted_out) AS opted_out,
            bool_or(u.live AND u.held) AS held,
            bool_or(u.works AND u.may_call) AS rings,
            bool_or(u.mobile) AS mobile,
            (array_agg(u.number_id ORDER BY u.rank, u.number_id) FILTER (WHERE u.mobile AND u.consented))[1]
                AS textable_id
        FROM (
            SELECT
                l.number_id,
                l.rank,
                l.retired_at IS NULL AS live,
                l.retired_at IS NULL AND t.status IN ('ok', 'landline', 'bad') AS works,
                -- A home or work phone stays one, even where somebody else calls the same number a mobile.
                l.retired_at IS NULL AND t.status = 'ok'
                    AND (l.kind = 'mobile' OR (l.kind = 'unknown' AND t.kind = 'mobile')) AS mobile,
                t.consented_at IS NOT NULL AS consented,
                t.texts_opted_out_at IS NOT NULL AS opted_out,
                t.automation_held_at IS NOT NULL AS held,
                t.calls_opted_out_at IS NULL AS may_call
            FROM person_numbers l
            JOIN phone_numbers t ON t.id = l.number_id
            WHERE l.person_id = p.id
        ) u
    ) n ON true
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN p.deceased THEN 'deceased'
            WHEN p.under_18 THEN 'under_18'
            WHEN p.held_because IS NOT NULL THEN 'held'
            WHEN n.ever = 0 THEN 'no_number'
            WHEN n.works = 0 THEN 'wrong_number'
            WHEN n.opted_out THEN 'opted_out'
            WHEN n.held THEN 'held'
            WHEN n.textable_id IS NOT NULL THEN 'textable'
            WHEN n.mobile THEN 'no_consent'
            ELSE 'no_mobile'
        END AS reach
    ) w
    WHERE p.id = ANY (ids) AND p.merged_into_id IS NULL
    ON CONFLICT (person_id) DO UPDATE SET
        number_id = excluded.number_id,
        joined_on = excluded.joined_on,
        last_active_on = excluded.last_active_on,
        snoozed_until = excluded.snoozed_until,
        shared = excluded.shared,
        callable = excluded.callable,
        reach = excluded.reach,
        belonging = excluded.belonging
    WHERE (s.number_id, s.joined_on, s.last_active_on, s.snoozed_until, s.shared, s.callable, s.reach, s.belonging)
        IS DISTINCT FROM (
            excluded.number_id, excluded.joined_on, excluded.last_active_on, excluded.snoozed_until,
            excluded.shared, excluded.callable, excluded.reach, excluded.belonging
        );

    DELETE FROM standings s USING people p
    WHERE s.person_id = ANY (ids) AND p.id = s.person_id AND p.merged_into_id IS NOT NULL;
END $$;

CREATE FUNCTION standings_wait() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('outreach.standings', true), '') = 'later'
$$;

-- With those who share a number: a merged person shares it no more.
CREATE FUNCTION refresh_this_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT standings_wait() THEN
        PERFORM refresh_standings(ARRAY(
            SELECT o.person_id FROM person_numbers l JOIN person_numbers o ON o.number_id = l.number_id
            WHERE l.person_id = NEW.id
            UNION SELECT NEW.id
        ));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refresh_person_of_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF standings_wait() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM refresh_standings(ARRAY[OLD.person_id]);
    ELSE
        PERFORM refresh_standings(ARRAY[NEW.person_id]);
    END IF;
    RETURN NULL;
END $$;

-- Everybody on a number: whether it is shared changes for the others too.
CREATE FUNCTION refresh_people_of_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    link person_numbers;
BEGIN
    IF standings_wait() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        link := OLD;
    ELSE
        link := NEW;
    END IF;
    PERFORM refresh_standings(ARRAY(
        SELECT person_id FROM person_numbers WHERE number_id = link.number_id UNION SELECT link.person_id
    ));
    RETURN NULL;
END $$;

CREATE FUNCTION refresh_people_of_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT standings_wait() THEN
        PERFORM refresh_standings(ARRAY(SELECT person_id FROM person_numbers WHERE number_id = NEW.id));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER people_to_standings
AFTER INSERT OR UPDATE OF under_18, deceased, held_because, snoozed_until, merged_into_id ON people
FOR EACH ROW EXECUTE FUNCTION refresh_this_person();

CREATE TRIGGER memberships_to_standings
AFTER INSERT OR DELETE OR UPDATE OF standing, joined_on ON memberships
FOR EACH ROW EXECUTE FUNCTION refresh_person_of_fact();

CREATE TRIGGER activities_to_standings
AFTER INSERT OR DELETE OR UPDATE OF last_active_on ON activities
FOR EACH ROW EXECUTE FUNCTION refresh_person_of_fact();

CREATE TRIGGER person_numbers_to_standings
AFTER INSERT OR DELETE OR UPDATE OF kind, rank, retired_at ON person_numbers
FOR EACH ROW EXECUTE FUNCTION refresh_people_of_link();

CREATE TRIGGER phone_numbers_to_standings
AFTER UPDATE OF kind, status, consented_at, texts_opted_out_at, calls_opted_out_at, automation_held_at ON phone_numbers
FOR EACH ROW EXECUTE FUNCTION refresh_people_of_number();

-- A person who is deleted gives back the seats that they had: outreach/trainings/seats.py counts them in `taken`.

CREATE FUNCTION give_back_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE training_sessions SET taken = taken - OLD.party_size WHERE id = OLD.session_id;
    RETURN NULL;
END $$;

CREATE TRIGGER rsvps_give_back_seats
AFTER DELETE ON rsvps
FOR EACH ROW WHEN (OLD.status = 'yes') EXECUTE FUNCTION give_back_seats();

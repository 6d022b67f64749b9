-- The key of the terminating carrier whose own traffic a source is.
ALTER TABLE source ADD COLUMN carrier TEXT;

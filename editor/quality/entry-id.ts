/** An id for an entry: the same one again is the same entry. */
export const newEntryId = (): string => `ent-${crypto.randomUUID()}`

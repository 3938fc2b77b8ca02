/** The store: PostgreSQL through Kysely. What can go wrong and what it costs: README.md beside this file. */
export { json } from './json.ts'
export { PREPARED, prepared } from './prepared.ts'
export { readSchemaFacts, type SchemaFacts } from './schema.ts'
export { openStore, type Store } from './store.ts'
export type { Database } from './tables.ts'

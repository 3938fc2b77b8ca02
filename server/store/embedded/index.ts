/** The embedded PostgreSQL. Only Node's own modules: the launcher runs it. What can go wrong: README.md beside this file. */
export { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './server.ts'

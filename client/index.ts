/** What the package offers: `connect`, `listen`, and a function for each route, named as in the API's documents. */
export { type Connection, connect, Refusal } from './connect.ts'
export * from './generated/index.ts'
export { type LiveOptions, listen, type TopicName } from './listen.ts'

/** What gateway and runtime agree on for HTTP between them. */

/** The header in which the gateway names the way a request came by. */
export const WAY_HEADER = 'x-cellwright-way'
/** `stock` is the stock editor's forms for the designer's dialogs: `/red` inside, without flows and without writing. */
export type Way = 'red' | 'dashboard' | 'hooks' | 'stock'

/** Header with the scoped token of the person behind a request (lower case: Node-RED looks it up in Node's headers). */
export const TOKEN_HEADER = 'x-cellwright-user'

/** Where Node-RED's editor and admin API live, on both sides of the proxy. */
export const ADMIN_ROOT = '/red'

/**
 * fast-check as our tests use it. `npm test` tries the same examples each time, so that a change fails for what it changes and not by the luck of the draw;
 * `npm run soak` draws new ones, a hundred times as many. `CELLWRIGHT_SEED=n` plays a draw again.
 */
import fc from 'fast-check'

const SEED = 20_261_123

/** What the draws of this run start from. */
export const seed = Number(process.env.CELLWRIGHT_SEED ?? (process.env.CELLWRIGHT_SOAK ? Math.floor(Math.random() * 2 ** 31) : SEED))

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })

export default fc

/** How often a property is tried: a sample in `npm test`, long in `npm run soak`. */
const SOAK_FACTOR = 100

/** @param sampled rounds in `npm test` */
export const rounds = (sampled: number): number => (process.env.CELLWRIGHT_SOAK ? sampled * SOAK_FACTOR : sampled)

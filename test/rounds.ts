/** How often a property is tried: a sample in `npm test`, long in `npm run soak`. */
const SOAK_FACTOR = 100

/**
 * @param sampled rounds in `npm test`
 * @param soaked rounds in `npm run soak`, a hundred times as many when absent
 */
export const rounds = (sampled: number, soaked = sampled * SOAK_FACTOR): number => (process.env.CELLWRIGHT_SOAK ? soaked : sampled)

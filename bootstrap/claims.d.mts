/** Types of claims.mjs, for the launcher. */
export function beginningOf(pid: number): string | undefined
export function claimsIn(dir: string): number[]
export function claim(dir: string): () => void
export function claimAlone(dir: string, onTaken: (holder: number) => unknown): Promise<(() => void) | undefined>

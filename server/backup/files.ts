/** Back-ups as files, for the command line: checking one needs no server. */
export type { Progress } from './format.ts'
export type { Lock } from './lock.ts'
export { verifyBackup } from './verify.ts'

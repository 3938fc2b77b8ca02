/** What this installation is (test or production), and bringing flows from one to the other. */
import type { Secrets } from '../secrets/index.ts'
import { fingerprintOf, signingKey } from '../templates/seal.ts'
import { installationOf } from './promotion/file.ts'

export { createEnvironmentMark, type EnvironmentMark } from './mark.ts'
export { createPromotions, type PromotionsDeps } from './promotion/index.ts'

/** 32 hexadecimal digits that no other installation has: of the key that signs what leaves it. */
export const installationId = (secrets: Pick<Secrets, 'derive'>): string => installationOf(fingerprintOf(signingKey(secrets, 'this installation').publicKey))

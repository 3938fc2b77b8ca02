/** What everybody must know of the server whatever they do: whether the database answers, whether the disk has room. Browser-safe. */
import { type Static, Type } from 'typebox'

/** Room on the disk of the data directory, or of the files when these are elsewhere: whichever has less. */
export const DiskView = Type.Object({
  /**
   * `low`: somebody should make room. `critical`: no program is begun and the steps of runs are not recorded. `full`: what must
   * be stored is refused. `unknown`: the system does not tell.
   */
  state: Type.Enum(['ok', 'low', 'critical', 'full', 'unknown']),
  /** For who is not root. */
  freeBytes: Type.Number(),
  totalBytes: Type.Number(),
  path: Type.String(),
})
export type DiskView = Static<typeof DiskView>

export const Health = Type.Object({
  store: Type.Enum(['ok', 'away']),
  /** The Redis of REDIS_URL; `ok` where there is none. */
  queues: Type.Enum(['ok', 'away']),
  disk: DiskView,
  /** Why the certificate that was given is not the one that is shown; for those who may see the system. */
  tlsTrouble: Type.Optional(Type.String()),
})
export type Health = Static<typeof Health>

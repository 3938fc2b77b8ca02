/** What came of an import. */
import type { importMoveIn } from '../../../server/api/move-in.ts'
import type { ResponseOf } from '../../../server/api/route.ts'

export type Imported = ResponseOf<typeof importMoveIn>

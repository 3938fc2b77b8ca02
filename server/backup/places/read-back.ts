/** What lies at a place, compared with what was sent. */
import { createHash } from 'node:crypto'
import { OperationalError } from '../../../base/errors.ts'

/** @throws OperationalError place-not-the-same */
export async function requireSame(
  content: AsyncIterable<Buffer | string>,
  sent: { bytes: number; sha256: string },
  onRead?: (bytes: number) => void,
): Promise<void> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of content) {
    hash.update(chunk)
    bytes += chunk.length
    onRead?.(bytes)
  }
  if (bytes === sent.bytes && hash.digest('hex') === sent.sha256) return
  throw new OperationalError({
    code: 'place-not-the-same',
    message: `What was read back is not what was sent (${bytes} of ${sent.bytes} bytes). The back-up there cannot be used; the one on this host can.`,
  })
}

/**
 * The process that makes, reads and sends back-ups: packing and encrypting would hold up the gateway's loop. One question as one line of
 * JSON on standard input (passphrases and keys come over that pipe alone), lines of JSON on standard output; it gives up when its
 * input ends.
 */
import { toErrorMessage } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import type { Progress } from './format.ts'
import { openPlace, tryPlace } from './places/index.ts'
import { BackupQuestion } from './question.ts'
import { outdated } from './retention.ts'
import { tellingNowAndThen, verifyBackup } from './verify.ts'
import { writeBackup } from './write.ts'

const question = checker(BackupQuestion)
const LINE_END = 10
const ending = new AbortController()
const { signal } = ending

const say = (line: object, then?: () => void) => void process.stdout.write(`${JSON.stringify(line)}\n`, then)
const onProgress = (progress: Progress) => say({ progress })
const onHostKey = (hostKey: string) => say({ hostKey })

async function answer(text: unknown): Promise<unknown> {
  const asked = question.parse(text, 'The question to the back-up')
  switch (asked.what) {
    case 'write': {
      const { file, lock, database, dataDir, filesDir, secretKey, version, why, workFactor } = asked
      return writeBackup({
        file,
        lock,
        database,
        config: { dataDir, filesDir, secretKey },
        version,
        why,
        signal,
        onProgress,
        ...(workFactor === undefined ? {} : { workFactor }),
      })
    }
    case 'verify': {
      const { header } = await verifyBackup({ file: asked.file, lock: asked.lock, signal, onProgress })
      return { createdAt: header.createdAt }
    }
    case 'try':
      if (asked.place.kind !== 'kept') await tryPlace({ place: asked.place, secret: asked.secret, onHostKey, signal })
      return {}
    case 'send': {
      if (asked.place.kind === 'kept') return { removed: [] }
      const { name, file, bytes, sha256, known, keep } = asked
      const place = await openPlace({ place: asked.place, secret: asked.secret, signal })
      try {
        await place.put(
          name,
          { file, bytes, sha256 },
          tellingNowAndThen((done) => onProgress({ step: 'sending', done, total: bytes })),
        )
        // another installation may have brought its own there
        const there = (await place.list()).filter((each) => each === name || known.includes(each))
        const removed = outdated(there, keep)
        for (const each of removed) await place.remove(each)
        return { removed }
      } finally {
        await place.close()
      }
    }
  }
}

let isAsked = false
const parts: Buffer[] = []
process.stdin.on('data', (chunk: Buffer) => {
  if (isAsked) return
  parts.push(chunk)
  if (!chunk.includes(LINE_END)) return
  isAsked = true
  Promise.resolve()
    .then(() => answer(JSON.parse(Buffer.concat(parts).toString('utf8'))))
    .then(
      (result) => say({ result }, () => process.exit(0)),
      (error: unknown) => say({ error: toErrorMessage(error) }, () => process.exit(0)),
    )
})
const giveUp = () => {
  if (!isAsked) process.exit(0)
  ending.abort()
}
process.stdin.on('end', giveUp)
process.stdin.on('error', giveUp)
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', giveUp)

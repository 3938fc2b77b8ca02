/** A server with SFTP. Its key is pinned: a server that shows another one gets nothing, the password least of all. */
import { createHash } from 'node:crypto'
import Client from 'ssh2-sftp-client'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import type { OpenPlace, Place } from './contract.ts'
import { requireSame } from './read-back.ts'

type Sftp = Extract<OpenPlace['place'], { kind: 'sftp' }>

const READY_MS = 20_000
const KEEPALIVE_MS = 10_000
/** Below the 256 KiB that OpenSSH answers at once. */
const READ_BYTES = 261_120

/** @throws UserError place-host-key, place-sign-in, place-folder, place-key; OperationalError place-unreachable */
export async function openSftp({ place, secret, onHostKey, signal }: OpenPlace & { place: Sftp }): Promise<Place> {
  const client = new Client()
  let shown: string | undefined
  const isKey = secret?.includes('PRIVATE KEY-----') ?? false
  const stop = () => void client.end().catch(() => {}) // it may not be connected yet
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await client.connect({
      host: place.host,
      port: place.port,
      username: place.userName,
      ...(secret === undefined ? {} : isKey ? { privateKey: secret } : { password: secret }),
      readyTimeout: READY_MS,
      keepaliveInterval: KEEPALIVE_MS,
      hostVerifier: (key: Buffer) => {
        shown = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
        onHostKey?.(shown)
        return shown === place.hostKey.replace(/=+$/, '')
      },
    })
    const folder = place.folder.replace(/\/+$/, '') || '/'
    if ((await client.exists(folder)) !== 'd')
      throw new UserError({ code: 'place-folder', message: `There is no folder ${folder} on ${place.host}, or this user may not see it. Make it there first.` })
    const at = (name: string) => (folder === '/' ? `/${name}` : `${folder}/${name}`)
    return {
      async put(name, { file, part: wanted = `${name}.part`, ...sent }, onProgress) {
        const part = at(wanted)
        try {
          await client.fastPut(file, part, { mode: 0o600, step: (total) => onProgress?.(total, 'sending') })
          // one question at a time: large ones, or each waits for the way there and back
          await requireSame(client.createReadStream(part, { highWaterMark: READ_BYTES }), sent, (done) => onProgress?.(done, 'checking'))
          if (await client.exists(at(name))) await client.delete(at(name))
          await client.rename(part, at(name))
        } catch (error) {
          await client.delete(part, true).catch(() => {}) // what failed is told
          throw inWords(error, place, undefined)
        }
      },
      list: async () => (await client.list(folder)).map(({ name }) => name),
      remove: async (name) => void (await client.delete(at(name), true)),
      async close() {
        signal?.removeEventListener('abort', stop)
        await client.end()
      },
    }
  } catch (error) {
    signal?.removeEventListener('abort', stop)
    await client.end().catch(() => {}) // it may never have been connected
    throw inWords(error, place, shown)
  }
}

function inWords(error: unknown, { host, port, userName, hostKey }: Sftp, shown: string | undefined): unknown {
  if (error instanceof UserError || error instanceof OperationalError) return error
  if (shown !== undefined && shown !== hostKey.replace(/=+$/, ''))
    return new UserError({
      code: 'place-host-key',
      message: hostKey
        ? `${host} shows another key (${shown}) than the one that was agreed on (${hostKey}). It was set up anew, or somebody stands in between: ask whoever keeps that server. Nothing was sent.`
        : `${host} shows the key ${shown}. Compare it with the server's own (ssh-keygen -lf), then keep it here. Nothing was sent.`,
      details: { hostKey: shown },
      cause: error,
    })
  const said = messageOf(error)
  if (/authentication methods failed/i.test(said))
    return new UserError({ code: 'place-sign-in', message: `${host} does not let "${userName}" in with this password or key.`, cause: error })
  if (/cannot parse privatekey|unsupported key format|passphrase/i.test(said))
    return new UserError({
      code: 'place-key',
      message: 'The private key cannot be read: it must be one in OpenSSH or PEM form, without a passphrase of its own.',
      cause: error,
    })
  if (/permission denied/i.test(said))
    return new UserError({ code: 'place-refused', message: `"${userName}" may not write into that folder on ${host}.`, cause: error })
  return new OperationalError({ code: 'place-unreachable', message: `${host}:${port} cannot be reached or broke off: ${said}`, cause: error })
}

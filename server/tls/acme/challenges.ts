/**
 * How an authority sees that a name is ours: by a file over HTTP (RFC 8555 8.3), in the TLS handshake (RFC 8737), or by a record in the DNS that a
 * program sets (RFC 8555 8.4).
 */
import { execFile } from 'node:child_process'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import { promisify } from 'node:util'
import { OperationalError } from '../../../base/errors.ts'

const CHALLENGE_PATH = '/.well-known/acme-challenge/'
const ALPN = 'acme-tls/1'
/** The extension of a ClientHello that names this one protocol (RFC 7301 3.1): the length of the list, of the name, the name. RFC 8737 allows no other beside it. */
const ALPN_BYTES = Buffer.from(`\x00\x0b\x0a${ALPN}`, 'latin1')
/** A provider's interface takes its time. */
const HOOK_MS = 300_000

const run = promisify(execFile)

export interface Challenges {
  /** What is answered for a path of a plain request; undefined where no such challenge is open. */
  answerTo(url: string): string | undefined
  /** Whoever takes a connection that begins like this; undefined: it is none of an authority. */
  takerOf(first: Buffer): Server | undefined
  openHttp(token: string, keyAuthorization: string): void
  openTls(domain: string, pair: { key: Buffer | string; cert: Buffer | string }): void
  close(of: { token?: string; domain?: string }): void
}

export function createChallenges(): Challenges {
  const tokens = new Map<string, string>()
  const contexts = new Map<string, SecureContext>()
  const server = createServer(
    {
      ALPNProtocols: [ALPN],
      SNICallback: (name, done) => {
        const context = contexts.get(name.toLowerCase())
        if (context) done(null, context)
        else done(new Error('no challenge is open for this name'))
      },
    },
    // the handshake was the answer
    (socket) => socket.end(),
  )
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return {
    answerTo: (url) => (url.startsWith(CHALLENGE_PATH) ? tokens.get(url.slice(CHALLENGE_PATH.length)) : undefined),
    takerOf: (first) => (contexts.size > 0 && first.includes(ALPN_BYTES) ? server : undefined),
    openHttp: (token, keyAuthorization) => void tokens.set(token, keyAuthorization),
    openTls: (domain, pair) => void contexts.set(domain, createSecureContext({ key: pair.key, cert: pair.cert })),
    close({ token, domain }) {
      if (token !== undefined) tokens.delete(token)
      if (domain !== undefined) contexts.delete(domain)
    },
  }
}

/**
 * Lets a program set or take away a record: `PROGRAM present|cleanup _acme-challenge.NAME. VALUE`, the arguments that lego's "exec" provider gives, so that hooks
 * written for it work here. It ends when the record is there. No shell is between.
 * @throws OperationalError `acme-hook-failed` with what the program said
 */
export async function runDnsHook(hook: string, what: 'present' | 'cleanup', domain: string, value: string): Promise<void> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/' } = process.env
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('ACME_HOOK_'))
  try {
    // of our surroundings it gets what is meant for it: the others hold the keys of the database
    const env = { PATH, HOME, ...Object.fromEntries(own) }
    await run(hook, [what, `_acme-challenge.${domain.replace(/^\*\./, '')}.`, value], { env, timeout: HOOK_MS, maxBuffer: 1_000_000 })
  } catch (error) {
    const { stderr, message, code } = error as { stderr?: string; message: string; code?: string | number }
    const said = stderr?.trim().split('\n').at(-1)?.slice(0, 300)
    throw new OperationalError({
      code: 'acme-hook-failed',
      message: `The program of CELLWRIGHT_ACME_DNS_HOOK (${hook} ${what}) failed: ${said || (typeof code === 'number' ? `it ended with ${code}` : message)}.`,
      cause: error,
    })
  }
}

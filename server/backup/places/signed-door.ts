/**
 * For tests: a door in front of an S3 server that lets only properly signed requests through, by the rules of AWS Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html); the server behind it does not look.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()
const strict = (text: string) => encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

function problemOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer, keys: Readonly<Record<string, string>>): string | undefined {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  )
  if (!found) return 'AccessDenied'
  const [, id = '', day = '', region = '', names = '', signature = ''] = found
  const secret = keys[id]
  if (secret === undefined) return 'InvalidAccessKeyId'
  const payload = String(headers['x-amz-content-sha256'])
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  if (!names.split(';').includes('host')) return 'AccessDenied'
  const [path = '', query = ''] = url.split('?')
  const sorted = [...new URLSearchParams(query)]
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .toSorted()
    .join('&')
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`)
  const canonical = [method, path, sorted, signed.join(''), names, payload].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), 's3'), 'aws4_request')
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch'
}

/** @param keys secret keys by their ids */
export function openSignedDoor({ port, keys }: { port: number; keys: Readonly<Record<string, string>> }): Promise<{ port: number; server: Server }> {
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked)
    const problem = problemOf(asked, body, keys)
    if (problem !== undefined) {
      answer
        .writeHead(403, { 'content-type': 'application/xml' })
        .end(`<?xml version="1.0"?><Error><Code>${problem}</Code><Message>${problem}</Message></Error>`)
      return
    }
    const behind = request({ host: '127.0.0.1', port, method: asked.method, path: asked.url, headers: asked.headers }, (said) => {
      answer.writeHead(said.statusCode ?? 500, said.headers)
      said.pipe(answer)
    })
    behind.on('error', () => answer.destroy())
    behind.end(body)
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as { port: number }).port }))
  })
}

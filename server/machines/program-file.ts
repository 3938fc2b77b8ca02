/** Sends a stored program as the file it was uploaded as. */
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { OperationalError } from '../../base/errors.ts'
import type { Program } from '../api/index.ts'

/**
 * `Content-Disposition` for a name that may hold anything: quoted ASCII for old clients, UTF-8 for the rest
 * (RFC 6266, RFC 8187). What a path or a header could be made of is replaced.
 */
function contentDisposition(name: string): string {
  const safe =
    name
      .toWellFormed()
      .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"\\/:*?<>|]/gu, '_')
      .replace(/^\.+/, '_') || 'program.nc'
  const ascii = safe.replaceAll(/[^ -~]/g, '_').replaceAll('%', '_')
  const encoded = encodeURIComponent(safe).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

/** Answers the request. @throws OperationalError `file-missing` when the content store has lost it */
export async function sendProgramFile(sending: { program: Program; path: string; request: Request; response: Response }): Promise<void> {
  const { program, path, request, response } = sending
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new OperationalError({
      code: 'file-missing',
      message: `The file of "${program.name}" is no longer in the data directory. Upload it again.`,
      cause,
    })
  })
  try {
    response
      .status(200)
      .setHeader('Content-Type', 'text/plain; charset=utf-8')
      .setHeader('Content-Disposition', contentDisposition(program.name))
      // the content never changes under its hash, but who may see it does
      .setHeader('ETag', `"${program.sha256}"`)
      .setHeader('Cache-Control', 'private, no-cache')
    if (request.fresh) {
      response.status(304).end()
      return
    }
    response.setHeader('Content-Length', (await file.stat()).size)
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    await pipeline(file.createReadStream({ highWaterMark: 262_144, autoClose: false }), response)
  } catch (error) {
    // the reader went away: nobody is left to tell
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    await file.close()
  }
}

/** Sends a report as a file. */
import type { Response } from 'express'

const TYPES = { pdf: 'application/pdf', csv: 'text/csv; charset=utf-8', dfq: 'text/plain', dfd: 'text/plain', dfx: 'text/plain' }

/**
 * @param file.name without its ending; what a path or a header could be made of is replaced
 * (RFC 6266, RFC 8187: quoted ASCII for old clients, UTF-8 for the rest)
 */
export function sendReport(response: Response, file: { name: string; type: keyof typeof TYPES; body: string | Buffer }): void {
  const safe = `${
    file.name
      .toWellFormed()
      .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"\\/:*?<>|]/gu, '_')
      .replace(/^\.+/, '_')
      .slice(0, 120) || 'report'
  }.${file.type}`
  const ascii = safe.replaceAll(/[^ -~]/g, '_').replaceAll('%', '_')
  const encoded = encodeURIComponent(safe).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  response
    .status(200)
    .setHeader('Content-Type', TYPES[file.type])
    .setHeader('Content-Disposition', `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`)
    .setHeader('X-Content-Type-Options', 'nosniff')
    .setHeader('Cache-Control', 'no-store')
    .end(file.body)
}

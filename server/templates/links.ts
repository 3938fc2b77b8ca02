/**
 * Links that give a template to whoever has them: for a shop that reaches this server, without an account here. A link says in itself what
 * it is for and until when, and only this installation can make one; there is nothing to keep and nothing to guess.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '../secrets/index.ts'

const LASTS_MS = 7 * 86_400_000

export interface TemplateLinks {
  make(of: { templateId: string; version: string }): { path: string; until: string }
  /** @param until seconds since 1970 */
  opens(link: { templateId: string; version: string; until: number; key: string }): boolean
}

export function createLinks(secrets: Pick<Secrets, 'derive'>, now: () => number = Date.now): TemplateLinks {
  const secret = secrets.derive('links to templates')
  const keyOf = (templateId: string, version: string, until: number) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([templateId, version, until]))
      .digest('base64url')
  return {
    make({ templateId, version }) {
      const until = Math.floor((now() + LASTS_MS) / 1000)
      const path = `/api/template-links/${templateId}/${version}?until=${until}&key=${keyOf(templateId, version, until)}`
      return { path, until: new Date(until * 1000).toISOString() }
    },
    opens({ templateId, version, until, key }) {
      const wanted = Buffer.from(keyOf(templateId, version, until))
      const given = Buffer.from(key)
      return given.length === wanted.length && timingSafeEqual(given, wanted) && until * 1000 > now()
    },
  }
}

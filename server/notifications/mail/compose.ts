/** What stands in a mail or on a screen, in the receiver's language; plain and HTML, with nothing loaded from anywhere. */
import { DateTime } from 'luxon'
import { EVENT_SEVERITIES, eventInWords, type Language, type NotificationEvent, pageOf, SEVERITY_NAMES, type Severity } from '../../api/index.ts'

/** More than that is counted. */
const MOST_SHOWN = 50
const COLOURS: Record<Severity, string> = { alarm: '#c92a2a', warning: '#b35c00', info: '#2b5f8a' }

const PHRASES = {
  en: {
    many: (count: number, worst: string) => `${count} notifications: ${worst}`,
    more: (count: number) => `… and ${count} more`,
    open: 'Open',
    why: 'You get this because of the rules for notifications or your own settings. What you get is set under Settings, My notifications.',
    format: 'yyyy-MM-dd HH:mm:ss',
  },
  de: {
    many: (count: number, worst: string) => `${count} Meldungen: ${worst}`,
    more: (count: number) => `… und ${count} weitere`,
    open: 'Öffnen',
    why: 'Diese Nachricht kommt wegen der Regeln für Benachrichtigungen oder wegen eigener Einstellungen. Was ankommt, steht unter Einstellungen, Meine Benachrichtigungen.',
    format: 'dd.MM.yyyy HH:mm:ss',
  },
} as const

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => escapes[char] ?? char)

export interface Composed {
  subject: string
  text: string
  html: string
}

/** The one that matters most; of those the newest. */
export function worstOf(events: readonly NotificationEvent[]): NotificationEvent | undefined {
  return [...events].sort((a, b) => EVENT_SEVERITIES.indexOf(b.severity) - EVENT_SEVERITIES.indexOf(a.severity) || Date.parse(b.at) - Date.parse(a.at))[0]
}

/** A line for a subject or the head of a message on a screen. */
export function headOf(events: readonly NotificationEvent[], language: Language): string {
  const worst = worstOf(events)
  const title = worst ? eventInWords(worst, language).title : ''
  return events.length > 1 ? PHRASES[language].many(events.length, title) : title
}

/** @param shop what the installation is called @param url where its pages are, without a slash at the end; undefined: nobody knows */
export function composeMail(events: readonly NotificationEvent[], options: { language: Language; shop: string; url: string | undefined }): Composed {
  const { language, shop, url } = options
  const phrases = PHRASES[language]
  const shown = events.slice(0, MOST_SHOWN)
  const items = shown.map((event) => {
    const { title, text } = eventInWords(event, language)
    return {
      title,
      text,
      severity: SEVERITY_NAMES[language][event.severity],
      colour: COLOURS[event.severity],
      at: DateTime.fromISO(event.at).toFormat(phrases.format),
      link: url === undefined ? undefined : `${url}${pageOf(event)}`,
    }
  })
  const rest = events.length - shown.length
  const plain = items.map(({ title, text, severity, at, link }) => [`${severity} · ${at}`, title, ...(text ? [text] : []), ...(link ? [link] : [])].join('\n'))
  const rows = items.map(
    ({ title, text, severity, colour, at, link }) =>
      `<tr><td style="padding:12px 0;border-bottom:1px solid #dde2e6"><div style="font-size:13px;color:${colour};font-weight:bold">${escaped(severity)} <span style="color:#5c6670;font-weight:normal">· ${escaped(at)}</span></div><div style="font-size:17px;color:#1b2126;margin-top:4px">${escaped(title)}</div>${text ? `<div style="font-size:15px;color:#3d464d;margin-top:4px;white-space:pre-line">${escaped(text)}</div>` : ''}${link ? `<div style="margin-top:6px"><a href="${escaped(link)}" style="color:#2b5f8a">${phrases.open}</a></div>` : ''}</td></tr>`,
  )
  return {
    subject: `[${shop}] ${headOf(events, language)}`,
    text: [...plain, ...(rest > 0 ? [phrases.more(rest)] : []), `-- \n${shop}\n${phrases.why}`].join('\n\n'),
    html: `<!doctype html><html lang="${language}"><head><meta charset="utf-8"></head><body style="margin:0;padding:16px;background:#f4f6f8;font-family:Arial,sans-serif"><table role="presentation" width="100%" style="max-width:640px;margin:0 auto;background:#fff;border-collapse:collapse"><tr><td style="padding:8px 20px 16px"><table role="presentation" width="100%" style="border-collapse:collapse">${rows.join('')}</table>${rest > 0 ? `<p style="font-size:15px">${phrases.more(rest)}</p>` : ''}<p style="font-size:13px;color:#5c6670">${escaped(shop)}<br>${escaped(phrases.why)}</p></td></tr></table></body></html>`,
  }
}

/** Tries out the mail server. */
export function testMessage(by: string, language: Language): Composed {
  const event: NotificationEvent = { id: 'test', type: 'test', severity: 'info', at: new Date().toISOString(), data: { by } }
  return composeMail([event], { language, shop: 'Cellwright', url: undefined })
}

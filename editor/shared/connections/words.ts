/** Connectors and what they tell, in the reader's language: what the server tells is English, the German comes from the catalogue by code or text. */
import type { ConnectorInfo, Told } from '../../../server/api/connections.ts'
import type { ApiError } from '../api.ts'
import { tellings } from '../text/de/connection-tellings.ts'
import { connections as de } from '../text/de/connections.ts'
import { germanOf } from '../text/de/connectors.ts'
import { connections as en } from '../text/en/connections.ts'
import { catalogue, type Language } from '../text/index.ts'

export const useConnectionsText = catalogue(en, de)

/** What was told, in English where there is nothing else. */
export function sayTold({ code, text, blanks = {} }: Told, language: Language): string {
  return (language === 'de' ? tellings[code]?.(blanks) : undefined) ?? text
}

/** The same of an error that the server answered with. */
export function sayError({ code, message, details }: Pick<ApiError, 'code' | 'message' | 'details'>, language: Language): string {
  const { blanks } = (details ?? {}) as { blanks?: Told['blanks'] }
  return sayTold({ code, text: message, ...(blanks ? { blanks } : {}) }, language)
}

const SCHEMA_WORDS = new Set(['title', 'description', 'unit'])

/** A kind of system with its words in this language. */
export function shownConnector(info: ConnectorInfo, language: Language): ConnectorInfo {
  if (language === 'en') return info
  const say = (english: string) => germanOf(english) ?? english
  return {
    ...info,
    label: say(info.label),
    summary: say(info.summary),
    use: say(info.use),
    promises: info.promises.map(say),
    settings: schemaIn(info.settings, say),
    secrets: info.secrets.map((secret) => ({
      ...secret,
      title: say(secret.title),
      ...(secret.description === undefined ? {} : { description: say(secret.description) }),
    })),
  }
}

function schemaIn(schema: unknown, say: (english: string) => string): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  const { properties } = schema as { properties?: Record<string, Record<string, unknown>> }
  if (!properties) return schema
  const said = Object.entries(properties).map(([key, property]) => {
    const words = Object.entries(property).map(([name, value]) => {
      if (SCHEMA_WORDS.has(name) && typeof value === 'string') return [name, say(value)]
      if (name === 'labels') return [name, Object.fromEntries(Object.entries(value as Record<string, string>).map(([choice, label]) => [choice, say(label)]))]
      return [name, value]
    })
    return [key, Object.fromEntries(words)]
  })
  return { ...schema, properties: Object.fromEntries(said) }
}

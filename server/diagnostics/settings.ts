/** The settings for somebody else's eyes. */
import { type Config, SETTINGS } from '../config.ts'

/** What is set, and whether a secret one is: a line each. */
export function settingsOf(config: Partial<Config>): string {
  return Object.entries(SETTINGS)
    .map(([name, setting]) => {
      const value = (config as Record<string, unknown>)[name]
      return `${setting.env} = ${value === undefined ? '(not set)' : 'isSecret' in setting ? '(set, not shown)' : String(value)}\n`
    })
    .join('')
}

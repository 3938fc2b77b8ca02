/** What a controller calls its own alarms, errors and settings, where it tells (grblHAL: `$EA`, `$EE`, `$ES`). */
import type { ControllerMessage, Dialect } from './messages.ts'

export interface SettingFacts {
  name: string
  unit?: string
}

export interface NamedCodes {
  alarms: ReadonlyMap<number, string>
  errors: ReadonlyMap<number, string>
  settings: ReadonlyMap<number, SettingFacts>
}

/** Whose code it is: the firmware, with its own names where they are known. */
export type Firmware = Dialect | { dialect: Dialect; named?: NamedCodes }

export function firmwareOf(firmware: Firmware): { dialect: Dialect; named?: NamedCodes } {
  return typeof firmware === 'string' ? { dialect: firmware } : firmware
}

/** The questions a controller with this in `[NEWOPT:]` answers. */
export const NAME_QUESTIONS = ['$EA', '$EE', '$ES'] as const
export const tellsNames = (newOptions: readonly string[]): boolean => newOptions.includes('ENUMS')

export function readNames(messages: readonly ControllerMessage[]): NamedCodes {
  const alarms = new Map<number, string>()
  const errors = new Map<number, string>()
  const settings = new Map<number, SettingFacts>()
  for (const message of messages) {
    if (message.kind === 'code-facts' && message.text) (message.of === 'alarm' ? alarms : errors).set(message.code, message.text)
    else if (message.kind === 'setting-facts') settings.set(message.number, { name: message.name, ...(message.unit ? { unit: message.unit } : {}) })
  }
  return { alarms, errors, settings }
}

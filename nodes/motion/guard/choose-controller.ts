/** The controller that a machine's settings name; another takes its place when they name another. */
import type { MachineSettings } from '../machine.ts'
import type { Controller } from './controller.ts'
import type { GuardOptions } from './core.ts'
import { Guard } from './guard.ts'
import { LinuxcncController } from './linuxcnc/controller.ts'

function make(options: GuardOptions): Controller {
  const family = options.settings.controller ?? 'grbl'
  switch (family) {
    case 'grbl':
      return new Guard(options)
    case 'linuxcnc':
      return new LinuxcncController(options)
    default:
      return family satisfies never
  }
}

export function createController(options: GuardOptions): Controller {
  let family = options.settings.controller ?? 'grbl'
  let current = make(options)
  const configure = async (settings: MachineSettings): Promise<void> => {
    const next = settings.controller ?? 'grbl'
    if (next === family) return current.configure(settings)
    current.mustBeQuiet()
    await current.close('The machine has another kind of controller now')
    family = next
    current = make({ ...options, settings, isRestart: false })
    current.start()
  }
  return new Proxy({} as Controller, {
    get(_, name: keyof Controller) {
      if (name === 'configure') return configure
      const member: unknown = current[name]
      return typeof member === 'function' ? member.bind(current) : member
    },
  })
}

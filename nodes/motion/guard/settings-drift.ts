/** Firmware settings that are not as they were kept: seen at every look at the controller. */
import { settingFacts } from '../grbl/index.ts'
import type { GuardCore } from './core.ts'

/** Says what has drifted since the backup; the first time a machine is seen, its settings become the backup. */
export function compareWithBackup(core: GuardCore): void {
  const { identity, backup, view } = core
  if (!identity || identity.settings.all.size === 0) return
  const { all } = identity.settings
  const { firmware, dialect, axes } = identity.facts
  if (!backup.exists) {
    core.journal.append({ kind: 'request', what: 'keep firmware settings', by: 'guard', text: `${all.size} settings, seen for the first time` })
    backup.keep(all, { by: 'guard', firmware }).catch((error) => view.setNotice('backup', `The firmware settings could not be kept: ${String(error)}`))
  }
  const drift = backup.driftOf(all)
  const before = view.settingsDrift
  view.setSettingsDrift(drift.length)
  const [first = 0] = drift
  const name = settingFacts(first, dialect, axes)?.name
  const which = drift.length === 1 ? `$${first}${name ? ` (${name})` : ''} is` : `${drift.length} are`
  const text = drift.length ? `Firmware settings: ${which} not as kept. Compare them in the machine's set-up.` : undefined
  view.setNotice('settings-drift', text)
  if (text && drift.length !== before) core.event('settings-drift', text)
}

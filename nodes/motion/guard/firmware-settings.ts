/** The controller's `$` settings: shown beside their backup, kept, and written. */
import { UserError } from '../../../base/errors.ts'
import type { FirmwareSetting } from '../controller-talk.ts'
import { settingFacts } from '../grbl/index.ts'
import type { GuardCore } from './core.ts'
import { isSameValue } from './firmware-backup.ts'
import { readSettingsAgain } from './identification.ts'
import { work } from './lease.ts'
import { busy, notIdle } from './refusals.ts'
import { compareWithBackup } from './settings-drift.ts'

/** Read again from an idle controller that nobody uses, else as last read. */
export async function firmwareSettings(core: GuardCore): Promise<FirmwareSetting[]> {
  const isFree = core.phase.kind === 'ready' && !core.held && core.view.status.state === 'idle'
  if (isFree) await work(core, { what: 'reading', by: 'guard' }, ({ connection }) => readSettingsAgain(core, connection))
  return shown(core)
}

/** Keeps the settings as they are now as the ones to compare with. @throws UserError `machine-not-idle` before they were read */
export async function backupFirmwareSettings(core: GuardCore, by: string): Promise<void> {
  await firmwareSettings(core)
  const { settings, facts } = core.identified()
  core.asked({ what: 'keep firmware settings', by, text: `${settings.all.size} of them` })
  await core.backup.keep(settings.all, { by, firmware: facts.firmware })
  compareWithBackup(core)
}

/**
 * Writes settings, alone and one after the other, and reads them back.
 * @throws UserError `machine-busy`, `machine-not-idle`, `setting-unknown`, `setting-refused` (what was written before it stays)
 */
export async function writeFirmwareSettings(
  core: GuardCore,
  settings: readonly { number: number; value: string }[],
  { by, lease }: { by: string; lease?: number | undefined },
): Promise<FirmwareSetting[]> {
  const known = core.identified().settings.all
  // a program that waits lends the machine for other things
  if (core.hasJob) throw busy(core.phase)
  for (const { number, value } of settings) {
    if (!known.has(number)) throw unknownSetting(number)
    // anything else would be another line, or a real-time byte
    if (!/^[A-Za-z0-9+\-._:/@, ]*$/.test(value)) throw refusedSetting(number, value, 'it holds characters that no setting takes.')
  }
  await work(core, { what: 'setting', by, lease }, async (at) => {
    await core.freshReport()
    const { state } = core.view.status
    if (state !== 'idle' && (state !== 'alarm' || core.view.isLocked)) throw notIdle(core.view)
    const written = new Map<number, string>()
    try {
      for (const { number, value } of settings) {
        at.check()
        core.asked({ what: 'write setting', by, text: `$${number}=${value} (was ${known.get(number) ?? ''})` })
        const answer = await at.connection.request(`$${number}=${value}`)
        if (!answer.isOk) throw refusedSetting(number, value, core.answerText(answer))
        written.set(number, value)
      }
    } finally {
      if (at.hasMachine()) await takeOn(core, at, written)
    }
  })
  const now = core.identified().settings.all
  const lost = settings.find(({ number, value }) => !isSameValue(now.get(number), value))
  if (lost) throw refusedSetting(lost.number, lost.value, `the controller holds ${now.get(lost.number) ?? 'nothing'} instead.`)
  return shown(core)
}

/** What was written through us is what is to be: it goes into the backup. */
async function takeOn(core: GuardCore, at: { connection: Parameters<typeof readSettingsAgain>[1] }, written: ReadonlyMap<number, string>): Promise<void> {
  if (written.size === 0) return
  await core.backup.takeIn(written)
  await readSettingsAgain(core, at.connection)
}

function shown(core: GuardCore): FirmwareSetting[] {
  const { facts, settings } = core.identified()
  const drift = new Set(core.backup.driftOf(settings.all))
  return [...settings.all].map(([number, value]) => {
    const known = settingFacts(number, facts, facts.axes)
    const backup = core.backup.valueOf(number)
    return {
      number,
      value,
      ...(known ? { name: known.name } : {}),
      ...(known?.unit ? { unit: known.unit } : {}),
      ...(backup === undefined ? {} : { backup }),
      isDrifted: drift.has(number),
    }
  })
}

function unknownSetting(number: number): UserError {
  return new UserError({ code: 'setting-unknown', message: `This controller has no setting $${number}. Nothing was written.`, details: { number } })
}

function refusedSetting(number: number, value: string, why: string): UserError {
  return new UserError({ code: 'setting-refused', message: `$${number}=${value} was not taken on: ${why}`, status: 409, details: { number, value } })
}

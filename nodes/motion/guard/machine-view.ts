/** What the guard knows of its machine, put together for those who watch. */

import type { Static } from 'typebox'
import {
  type AlarmText,
  addReport,
  alarmText,
  type ControllerStatus,
  type Firmware,
  isStandingState,
  type StatusReport,
  UNKNOWN_STATUS,
} from '../grbl/index.ts'
import type { ActiveJob, MachineState } from '../machine.ts'
import type { ControllerMemory } from './controller-setup.ts'

export type LinkState = MachineState['link']

export class MachineView {
  readonly machineId: string
  readonly #onChange: () => void
  #status: ControllerStatus = UNKNOWN_STATUS
  #link: LinkState = 'connecting'
  #alarm: { code: number; facts: AlarmText } | undefined
  #isPositionTrusted = true
  #firmware: string | undefined
  #notices = new Map<string, string>()
  #reportedAt: string | undefined
  #abilities: MachineState['abilities']
  #memory: ControllerMemory | undefined
  #settingsDrift: number | undefined
  /** Overrides are known only from the first report that names them. */
  #hasOverrides = false
  #changedAt = Date.now()

  constructor(machineId: string, onChange: () => void) {
    this.machineId = machineId
    this.#onChange = onChange
  }

  get status(): ControllerStatus {
    return this.#status
  }

  get link(): LinkState {
    return this.#link
  }

  get isPositionTrusted(): boolean {
    return this.#isPositionTrusted
  }

  /** An alarm after which the controller answers nothing but a reset. */
  get isLocked(): boolean {
    return this.#alarm?.facts.isCritical ?? false
  }

  get alarm(): { code: number; facts: AlarmText } | undefined {
    return this.#alarm
  }

  /** Stands still by its last report. */
  get isReportedStanding(): boolean {
    return this.#link === 'connected' && isStandingState(this.#status.state, this.#status.subState)
  }

  changed(): void {
    this.#changedAt = Date.now()
    this.#onChange()
  }

  setLink(link: LinkState): void {
    this.#link = link
    if (link !== 'connected') {
      this.#hasOverrides = false
      // an old state must not look like the present one
      this.#alarm = undefined
      this.presumeNothing()
    } else this.changed()
  }

  setFirmware(firmware: string): void {
    this.#firmware = firmware
    this.changed()
  }

  get settingsDrift(): number {
    return this.#settingsDrift ?? 0
  }

  /** A report has named the overrides since the controller started or was connected. */
  get hasOverrides(): boolean {
    return this.#hasOverrides
  }

  setAbilities(abilities: MachineState['abilities']): void {
    this.#abilities = abilities
    this.changed()
  }

  setSettingsDrift(count: number): void {
    if (this.#settingsDrift === count) return
    this.#settingsDrift = count
    this.changed()
  }

  /** Modal state and offsets, just read from a controller that stands. */
  setMemory(memory: ControllerMemory): void {
    this.#memory = memory
    this.#status = addReport({ ...this.#status, workOffsetMm: activeOffset(memory), isWorkOffsetKnown: true }, reportOf(this.#status), false)
    this.changed()
  }

  addReport(report: StatusReport, { isInches, firmware }: { isInches: boolean; firmware: Firmware }): void {
    if (report.overrides) this.#hasOverrides = true
    this.#status = addReport(this.#status, report, isInches)
    this.#reportedAt = new Date().toISOString()
    if (report.state === 'alarm') {
      // grblHAL puts the number into the report
      if (report.subState !== undefined && report.subState !== this.#alarm?.code)
        this.#alarm = { code: report.subState, facts: alarmText(report.subState, firmware) }
      this.#alarm ??= { code: 0, facts: LOCKED }
    } else this.#alarm = undefined
    this.changed()
  }

  /** A state that no report can show: a homing Grbl answers no `?`. */
  presumeState(state: 'home'): void {
    this.#status = { ...this.#status, state }
    delete this.#status.subState
    this.changed()
  }

  /** It answers nothing but a reset: a critical alarm, whose own line nobody heard. */
  presumeLocked(): AlarmText {
    this.#alarm = { code: this.#alarm?.code ?? 0, facts: LOCKED_FOR_GOOD }
    this.#status = { ...this.#status, state: 'alarm' }
    delete this.#status.subState
    this.changed()
    return LOCKED_FOR_GOOD
  }

  /** It does not react, so what it said last tells nothing of what it does. */
  presumeNothing(): void {
    this.#status = { ...this.#status, state: 'unknown' }
    delete this.#status.subState
    this.changed()
  }

  setAlarm(code: number, firmware: Firmware): AlarmText {
    const facts = alarmText(code, firmware)
    this.#alarm = { code, facts }
    this.#status = { ...this.#status, state: 'alarm' }
    delete this.#status.subState
    this.changed()
    return facts
  }

  /** The alarm it restarted itself for; reports name it no more. */
  keepAlarm(alarm: { code: number; facts: AlarmText }): void {
    this.#alarm = alarm
    this.changed()
  }

  /** After a restart of the controller: offsets and overrides are those of a fresh one. */
  forgetReports(): void {
    this.#alarm = undefined
    this.#hasOverrides = false
    this.#status = { ...UNKNOWN_STATUS, machinePositionMm: this.#status.machinePositionMm, workPositionMm: this.#status.workPositionMm }
    this.changed()
  }

  setTrust(isTrusted: boolean, text: string): void {
    this.#isPositionTrusted = isTrusted
    this.setNotice('position', isTrusted ? undefined : text)
  }

  /** What a person should know now; undefined takes it away. */
  setNotice(key: string, text: string | undefined): void {
    if (this.#notices.get(key) === text) return
    this.#notices.delete(key)
    if (text !== undefined) this.#notices.set(key, text)
    this.changed()
  }

  /** @param others what other parts know */
  snapshot({
    job,
    isStanding,
    ...others
  }: { job: Static<typeof ActiveJob> | undefined; isStanding: boolean } & Partial<Omit<MachineState, 'job'>>): MachineState {
    const s = this.#status
    const memory = this.#memory
    return {
      machineId: this.machineId,
      link: this.#link,
      controller: s.state,
      ...(s.subState === undefined ? {} : { subState: s.subState }),
      isStanding,
      ...(this.#alarm ? { alarm: { code: this.#alarm.code, text: this.#alarm.facts.text, whatToDo: this.#alarm.facts.whatToDo } } : {}),
      isPositionTrusted: this.#isPositionTrusted,
      machinePositionMm: s.machinePositionMm,
      workPositionMm: s.workPositionMm,
      workOffsetMm: s.workOffsetMm,
      feedMmPerMin: s.feedMmPerMin,
      spindleRpm: s.spindleRpm,
      overridesPercent: s.overridesPercent,
      pins: s.pins,
      ...(this.#firmware ? { firmware: this.#firmware } : {}),
      ...(this.#abilities ? { abilities: this.#abilities } : {}),
      ...(memory ? { modal: [...memory.words], offsetsMm: { ...memory.offsetsMm } } : {}),
      ...(s.buffer ? { bufferFree: { blocks: s.buffer.plannerBlocks, bytes: s.buffer.rxBytes } } : {}),
      ...(s.accessories === undefined ? {} : { accessories: accessoriesOf(s.accessories) }),
      ...(this.#settingsDrift === undefined ? {} : { settingsDrift: this.#settingsDrift }),
      ...others,
      ...(job ? { job } : {}),
      notices: [...this.#notices.values()],
      ...(this.#reportedAt ? { reportedAt: this.#reportedAt } : {}),
      at: new Date(this.#changedAt).toISOString(),
    }
  }
}

const LOCKED_FOR_GOOD: AlarmText = {
  text: 'The controller is locked by an alarm and answers nothing but a reset',
  whatToDo: 'Look at the machine, then unlock, which resets it first, and home it.',
  isPositionLost: true,
  isCritical: true,
}

const LOCKED: AlarmText = {
  text: 'The controller is locked, after its start or an earlier alarm',
  whatToDo: 'Home the machine; unlock it where it cannot be homed.',
  isPositionLost: true,
  isCritical: false,
}

const reportOf = (status: ControllerStatus): StatusReport => ({
  state: status.state,
  ...(status.subState === undefined ? {} : { subState: status.subState }),
  machinePosition: status.machinePositionMm,
  pins: status.pins,
})

/** What lies between machine and work coordinates: work offset, G92 and tool length. */
function activeOffset({ words, offsetsMm }: Pick<ControllerMemory, 'words' | 'offsetsMm'>): number[] {
  const name = words.find((word) => /^G5[4-9](\.[123])?$/.test(word)) ?? 'G54'
  const sum = [...(offsetsMm[name] ?? [0, 0, 0])]
  for (const part of [offsetsMm.G92, offsetsMm.TLO])
    part?.forEach((value, axis) => {
      sum[axis] = (sum[axis] ?? 0) + value
    })
  return sum.map((value) => Math.round(value * 1e6) / 1e6)
}

/** The letters of `A:` (grbl 1.1 interface.md). */
function accessoriesOf(letters: string): NonNullable<MachineState['accessories']> {
  const spindle = letters.includes('S') ? 'cw' : letters.includes('C') ? 'ccw' : 'off'
  return { spindle, isFloodOn: letters.includes('F'), isMistOn: letters.includes('M') }
}

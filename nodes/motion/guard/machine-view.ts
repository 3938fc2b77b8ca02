/** What the guard knows of its machine, put together for those who watch. */

import type { Static } from 'typebox'
import { type AlarmText, addReport, alarmText, type ControllerStatus, type Dialect, isStandingState, type StatusReport, UNKNOWN_STATUS } from '../grbl/index.ts'
import type { ActiveJob, MachineState } from '../machine.ts'

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
  #changedAt = new Date().toISOString()

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
    this.#changedAt = new Date().toISOString()
    this.#onChange()
  }

  setLink(link: LinkState): void {
    this.#link = link
    if (link !== 'connected') {
      // an old state must not look like the present one
      this.#status = { ...this.#status, state: 'unknown' }
      delete this.#status.subState
      this.#alarm = undefined
    }
    this.changed()
  }

  setFirmware(firmware: string): void {
    this.#firmware = firmware
    this.changed()
  }

  /** Offsets read by `$#`, where reports have not named them yet. */
  setWorkOffset(workOffsetMm: number[]): void {
    if (this.#status.isWorkOffsetKnown) return
    this.#status = addReport({ ...this.#status, workOffsetMm, isWorkOffsetKnown: true }, reportOf(this.#status), false)
    this.changed()
  }

  addReport(report: StatusReport, { isInches, dialect }: { isInches: boolean; dialect: Dialect }): void {
    const before = this.#status
    this.#status = addReport(before, report, isInches)
    this.#reportedAt = new Date().toISOString()
    if (report.state === 'alarm') {
      // grblHAL puts the number into the report
      if (report.subState !== undefined && report.subState !== this.#alarm?.code)
        this.#alarm = { code: report.subState, facts: alarmText(report.subState, dialect) }
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

  setAlarm(code: number, dialect: Dialect): AlarmText {
    const facts = alarmText(code, dialect)
    this.#alarm = { code, facts }
    this.#status = { ...this.#status, state: 'alarm' }
    delete this.#status.subState
    this.changed()
    return facts
  }

  /** After a restart of the controller: offsets and overrides are those of a fresh one. */
  forgetReports(): void {
    this.#alarm = undefined
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

  snapshot({ job, isStanding }: { job: Static<typeof ActiveJob> | undefined; isStanding: boolean }): MachineState {
    const s = this.#status
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
      ...(job ? { job } : {}),
      notices: [...this.#notices.values()],
      ...(this.#reportedAt ? { reportedAt: this.#reportedAt } : {}),
      at: this.#changedAt,
    }
  }
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

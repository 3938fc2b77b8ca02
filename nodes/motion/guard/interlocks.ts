/**
 * Conditions outside the controller that must hold while the machine may move: a door, a light curtain, coolant. Each is
 * told again and again; without news within its time to live it is unknown, and unknown counts as unsafe.
 */
import { UserError } from '../../../base/errors.ts'
import type { Interlock, MachineState } from '../machine.ts'

export type InterlockState = NonNullable<MachineState['interlocks']>[number]['state']

interface Known {
  interlock: Interlock
  state: InterlockState
  since: string
  timer: NodeJS.Timeout | undefined
}

export class Interlocks {
  #known = new Map<string, Known>()
  /** Told at every change of state, in the same turn of the loop. */
  onChange: (interlock: Interlock, state: InterlockState) => void = () => {}

  constructor(interlocks: readonly Interlock[] | undefined) {
    this.configure(interlocks)
  }

  /** Takes on other interlocks; what is known of one that stays is kept until its time is over. */
  configure(interlocks: readonly Interlock[] | undefined): void {
    const before = this.#known
    this.#known = new Map()
    for (const interlock of interlocks ?? []) {
      const known = before.get(interlock.id)
      before.delete(interlock.id)
      this.#known.set(
        interlock.id,
        known ? Object.assign(known, { interlock }) : { interlock, state: 'unknown', since: new Date().toISOString(), timer: undefined },
      )
    }
    for (const { timer } of before.values()) clearTimeout(timer)
  }

  /** @throws UserError `interlock-unknown` */
  set(id: string, isSafe: boolean): void {
    const known = this.#known.get(id)
    if (!known) {
      const names = [...this.#known.keys()].join(', ') || 'none'
      throw new UserError({
        code: 'interlock-unknown',
        message: `This machine has no interlock "${id}" (it has: ${names}). Add it to the machine's settings.`,
        status: 404,
      })
    }
    clearTimeout(known.timer)
    known.timer = setTimeout(() => this.#change(known, 'unknown'), known.interlock.ttlS * 1000)
    known.timer.unref()
    this.#change(known, isSafe ? 'safe' : 'unsafe')
  }

  state(): NonNullable<MachineState['interlocks']> {
    return [...this.#known.values()].map(({ interlock: { id, name }, state, since }) => ({ id, name, state, since }))
  }

  /** Those that are not known to be safe. */
  open(): { interlock: Interlock; state: InterlockState }[] {
    return [...this.#known.values()].filter(({ state }) => state !== 'safe').map(({ interlock, state }) => ({ interlock, state }))
  }

  /** @throws UserError `interlock-open` with the names of those that are not known to be safe */
  mustBeSafe(): void {
    const open = this.open()
    if (open.length === 0) return
    const names = open.map(({ interlock, state }) => `"${interlock.name}" is ${state === 'unsafe' ? 'not safe' : 'not known'}`)
    throw new UserError({
      code: 'interlock-open',
      message: `The machine may not move: ${names.join(', ')}. Put that right, or see why it is not told any more.`,
      status: 409,
      details: { interlocks: open.map(({ interlock: { id, name }, state }) => ({ id, name, state })) },
    })
  }

  close(): void {
    for (const { timer } of this.#known.values()) clearTimeout(timer)
  }

  #change(known: Known, state: InterlockState): void {
    if (state === known.state) return
    known.state = state
    known.since = new Date().toISOString()
    this.onChange(known.interlock, state)
  }
}

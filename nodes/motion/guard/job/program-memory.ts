/** The program that was broken off last, kept across restarts of the guard, so that a person can have it gone on with. */
import { type Static, Type } from 'typebox'
import type { MachineState } from '../../machine.ts'
import { type KeptFile, keepFile } from '../kept-file.ts'

const Facts = Type.Object({
  resumable: Type.Optional(
    Type.Object({ jobId: Type.String(), programName: Type.String(), sha256: Type.String(), line: Type.Integer({ minimum: 1 }), text: Type.String() }),
  ),
  /** The offsets in force while a program ran last: a reset clears G92 and the tool length, and nobody would notice. */
  ranWith: Type.Optional(Type.Object({ sha256: Type.String(), offsetsMm: Type.Record(Type.String(), Type.Array(Type.Number())) })),
})
type Facts = Static<typeof Facts>
export type RanWith = NonNullable<Facts['ranWith']>
export type Resumable = NonNullable<MachineState['resumable']>

export class ProgramMemory {
  readonly #file: KeptFile<Facts>
  /** A write failed; the fact counts until this process ends. */
  onError: (error: unknown) => void = () => {}

  constructor(path: string) {
    this.#file = keepFile(path, Facts)
  }

  /** Until another program runs. */
  get resumable(): Resumable | undefined {
    return this.#file.value?.resumable
  }

  get ranWith(): RanWith | undefined {
    return this.#file.value?.ranWith
  }

  /** Another program runs, or this one goes on with other offsets. */
  runs(ranWith: RanWith): void {
    this.#write({ ranWith })
  }

  brokenOff(resumable: Resumable | undefined): void {
    const { ranWith } = this
    if (resumable || this.resumable) this.#write({ ...(resumable ? { resumable } : {}), ...(ranWith ? { ranWith } : {}) })
  }

  /** Resolves when everything is on the disk, or was told not to be. */
  settled(): Promise<void> {
    return this.#file.settled()
  }

  #write(facts: Facts): void {
    this.#file.write(facts).catch((error) => this.onError(error))
  }
}

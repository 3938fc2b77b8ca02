/** What the gateway gives the rehearsal's host, a process of its own (`host/main.ts`). */
import { type Static, Type } from 'typebox'
import { MachineId, MachineSettings, MachineState } from '../../nodes/motion/machine.ts'
import { RehearsalRequest } from '../api/rehearsal.ts'

/** What a stand-in answers, with its content: that of the request is not believed. */
const PlannedAnswer = Type.Object({
  from: Type.Enum(['given', 'recorded', 'sample', 'failure']),
  /** Set in the message of the call; of a failure: nothing. */
  message: Type.Record(Type.String(), Type.Unknown()),
  output: Type.Integer(),
  /** Why it fails. */
  text: Type.Optional(Type.String()),
  /** Of a recorded one. */
  runId: Type.Optional(Type.String()),
  at: Type.Optional(Type.String()),
})
export type PlannedAnswer = Static<typeof PlannedAnswer>

export const RehearsalPlan = Type.Object({
  /** Its steps hold what they bring. */
  request: Type.Omit(RehearsalRequest, ['answers']),
  answers: Type.Record(Type.String(), Type.Array(PlannedAnswer)),
  machines: Type.Array(
    Type.Object({
      id: MachineId,
      settings: MachineSettings,
      /** How the real one is just now: where it stands, its offsets, what it can do. */
      state: Type.Optional(MachineState),
    }),
  ),
  programs: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), sha256: Type.String(), path: Type.String() })),
  connections: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      connector: Type.String(),
      /** What its connector could answer to a confirmation, made from its schema. */
      confirmation: Type.Optional(Type.Unknown()),
    }),
  ),
  /** Those that nodes of the flows measure, as the list has them. */
  characteristics: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        unit: Type.String(),
        decimals: Type.Integer(),
        nominal: Type.Union([Type.Number(), Type.Null()]),
        lower: Type.Union([Type.Number(), Type.Null()]),
        upper: Type.Union([Type.Number(), Type.Null()]),
      }),
    ),
  ),
  /** Palette modules that the real runtime loads. */
  allowedModules: Type.Array(Type.String()),
  /** Its own, removed afterwards. */
  dir: Type.String(),
  /** Where palette modules are installed; only read. */
  paletteDir: Type.Optional(Type.String()),
})
export type RehearsalPlan = Static<typeof RehearsalPlan>

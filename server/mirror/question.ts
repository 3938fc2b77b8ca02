/** What the gateway asks the process that keeps the git mirror, and what it answers. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false }
/** The flows of one version, or another thing that is kept in versions. */
const Commit = Type.Object(
  {
    /** Of the flows, whose JSON is in a file of its own: some megabytes in one line would hold up who writes it. */
    flows: Type.Optional(Type.Object({ number: Type.Integer(), file: Type.String(), note: Type.Optional(Type.String()) }, closed)),
    /** `at` with all its digits, as the database orders by it. */
    kept: Type.Optional(
      Type.Object(
        { id: Type.String(), at: Type.String(), kind: Type.String(), subject: Type.String(), number: Type.Integer(), content: Type.Unknown() },
        closed,
      ),
    ),
    title: Type.String(),
    reason: Type.Optional(Type.String()),
    author: Type.String(),
    /** ISO. */
    at: Type.String(),
  },
  closed,
)
export type MirrorCommit = Static<typeof Commit>

export const MirrorQuestion = Type.Object(
  {
    /** A bare repository; made when it is not there. */
    dir: Type.String(),
    branch: Type.String(),
    installation: Type.Object({ id: Type.String(), name: Type.String() }, closed),
    commits: Type.Array(Commit),
    /** Secrets that are never to be in it. */
    secrets: Type.Array(Type.String()),
    remote: Type.Optional(Type.Object({ url: Type.String(), userName: Type.String(), token: Type.Optional(Type.String()) }, closed)),
  },
  closed,
)
export type MirrorQuestion = Static<typeof MirrorQuestion>

/** How far it is: what the newest commit says of itself. */
export const MirrorHead = Type.Object({
  id: Type.String(),
  /** Of the flows. */
  version: Type.Integer(),
  /** Of the newest other thing. */
  kept: Type.Optional(Type.Object({ at: Type.String(), id: Type.String() })),
  at: Type.String(),
})
export type MirrorHead = Static<typeof MirrorHead>

export const MirrorAnswer = Type.Object({
  head: Type.Optional(MirrorHead),
  /** The commit that the remote has now. */
  pushed: Type.Optional(Type.String()),
  pushError: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() })),
})
export type MirrorAnswer = Static<typeof MirrorAnswer>

/**
 * Promotions: flows of one installation brought to another, as one file or through a folder that both see. The file's own
 * manifest is declared here too. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { EnvironmentKind, InstallationName } from './environment.ts'
import { FlowTest } from './flow-tests.ts'
import { FlowAdvice, FlowProblem } from './flows.ts'
import { LayoutScope } from './panel-layouts.ts'
import { QUALITY_PICKS } from './quality/picks.ts'
import { route } from './route.ts'
import { FoundSecret, TemplateManifest, TemplateNeed, TemplateSigner } from './templates/index.ts'
import { FlowChanges } from './together.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'promotions'
const NodeId = Type.String({ minLength: 1, maxLength: 64 })
const Line = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })
/** Several lines. */
const Prose = (maxLength: number) => Type.String({ maxLength })

/** What is called differently in each shop. */
export const REFERENCE_KINDS = ['machine', 'connection', 'characteristic', 'program', ...QUALITY_PICKS] as const

/** One thing of the shop that the flows name: where they come from it is `value`. */
export const PromotionReference = Type.Object(
  {
    kind: Type.Enum([...REFERENCE_KINDS]),
    value: Type.String({ minLength: 1, maxLength: 300 }),
    /** What people call it there. */
    name: Type.Optional(Line(300)),
    /** Of a connection: its connector. */
    connector: Type.Optional(Line(60)),
    /** Of what quality keeps: the part that it is of, and its revision. */
    part: Type.Optional(Line(120)),
    revision: Type.Optional(Line(40)),
    /** Of a program: SHA-256 of its content. */
    sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    places: Type.Array(Type.Object({ nodeId: NodeId, path: Type.String({ minLength: 1, maxLength: 200 }) }, closed), { maxItems: 5000 }),
  },
  closed,
)
export type PromotionReference = Static<typeof PromotionReference>

/** `promotion.json`. */
export const PromotionManifest = Type.Object(
  {
    format: Type.Literal(1),
    from: Type.Object(
      {
        /** Of the installation: the same for all that it ever promotes. */
        id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
        name: InstallationName,
        environment: EnvironmentKind,
        product: Line(40),
      },
      closed,
    ),
    version: Type.Object(
      {
        number: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
        rev: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        author: Line(200),
        at: When,
        /** Why it was deployed there. */
        reason: Type.Optional(Prose(500)),
        label: Type.Optional(Line(200)),
      },
      closed,
    ),
    /** `all`: whatever is not in it is not in the flows there any more. */
    scope: Type.Enum(['all', 'some']),
    note: Type.Optional(Prose(1000)),
    by: Line(200),
    at: When,
    references: Type.Array(PromotionReference, { maxItems: 500 }),
    needs: Type.Optional(Type.Object({ ...TemplateManifest.properties.needs.properties }, closed)),
  },
  closed,
)
export type PromotionManifest = Static<typeof PromotionManifest>

export const PromotionId = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'First half of the SHA-256 of its file' })

/** One file that can be imported here, or taken elsewhere. */
export const Promotion = Type.Object({
  id: PromotionId,
  /** `store`: in the folder that several installations share. */
  where: Type.Enum(['here', 'store']),
  file: Type.String(),
  bytes: Type.Integer(),
  from: PromotionManifest.properties.from,
  version: PromotionManifest.properties.version,
  scope: PromotionManifest.properties.scope,
  note: Type.Optional(Type.String()),
  by: Type.String(),
  at: When,
  /** Made by this installation. */
  isOurs: Type.Boolean(),
  signer: TemplateSigner,
  flows: Type.Array(Type.Object({ id: NodeId, label: Type.String() })),
  nodes: Type.Integer(),
  tests: Type.Integer(),
  panels: Type.Integer(),
  programs: Type.Integer(),
})
export type Promotion = Static<typeof Promotion>

/** What was promoted to this installation. */
export const TakenPromotion = Type.Object({
  id: Type.String(),
  promotionId: PromotionId,
  from: PromotionManifest.properties.from,
  version: PromotionManifest.properties.version,
  fingerprint: Type.String(),
  /** The version that it made here. */
  versionId: Type.String(),
  reason: Type.Optional(Type.String()),
  by: Type.String(),
  at: When,
})
export type TakenPromotion = Static<typeof TakenPromotion>

export const listPromotions = route({
  id: 'listPromotions',
  method: 'get',
  path: '/api/promotions',
  access: 'flows.view',
  tag,
  summary: 'What was made here for other installations, what lies in the shared folder, and what was promoted to this one.',
  response: Type.Object({
    promotions: Type.Array(Promotion),
    /** Files of the shared folder that cannot be taken, with the reason. */
    refused: Type.Array(Type.Object({ where: Type.Enum(['here', 'store']), file: Type.String(), reason: Type.String() })),
    taken: Type.Array(TakenPromotion),
    /** Whether there is a shared folder, and what is wrong with it. */
    store: Type.Object({ isSet: Type.Boolean(), problem: Type.Optional(Type.String()) }),
    /** Of the key that signs what is made here. */
    fingerprint: Type.String(),
  }),
})

/** G-code that the flows name. `not-here`: it is not in this library, `too-large`: the file has no room for it. */
export const PromotedProgram = Type.Object({
  name: Type.String(),
  bytes: Type.Optional(Type.Integer()),
  goes: Type.Enum(['along', 'too-large', 'not-here']),
})
export type PromotedProgram = Static<typeof PromotedProgram>

const WhatToPromote = Type.Object(
  {
    /** Which version of the flows. @default the one that runs */
    versionId: Type.Optional(Type.String({ maxLength: 64 })),
    /** Which flows and subflows of it, with what they use. @default all */
    flowIds: Type.Optional(Type.Array(NodeId, { minItems: 1, maxItems: 500 })),
  },
  closed,
)
export const previewPromotion = route({
  id: 'previewPromotion',
  method: 'post',
  path: '/api/promotions/look',
  access: 'flows.view',
  tag,
  summary: 'What a promotion of a version would hold, and the secrets in it that stand against it.',
  body: WhatToPromote,
  response: Type.Object({
    version: PromotionManifest.properties.version,
    flows: Promotion.properties.flows,
    nodes: Type.Integer(),
    tests: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    panels: Type.Integer(),
    programs: Type.Array(PromotedProgram),
    references: Type.Array(PromotionReference),
    secrets: Type.Array(FoundSecret),
  }),
  errors: ['version-not-found', 'version-failed', 'promotion-empty'],
})
export const makePromotion = route({
  id: 'makePromotion',
  method: 'post',
  path: '/api/promotions/make',
  access: 'flows.deploy',
  tag,
  status: 201,
  summary: 'Makes the file of a version, signed, without credentials; refuses when a secret stands in the flows.',
  body: Type.Object(
    {
      ...WhatToPromote.properties,
      note: Type.Optional(Prose(1000)),
      /** Puts it into the shared folder as well. */
      offer: Type.Boolean(),
    },
    closed,
  ),
  response: Promotion,
  errors: ['version-not-found', 'version-failed', 'promotion-empty', 'export-secret', 'promotion-store'],
})
export const uploadPromotion = route({
  id: 'uploadPromotion',
  method: 'post',
  path: '/api/promotions',
  access: 'flows.deploy',
  tag,
  status: 201,
  rawBody: true,
  maxBodyBytes: 11_000_000,
  summary: 'Brings the file of a promotion here. It is checked whole, and nothing is deployed.',
  response: Promotion,
  errors: ['promotion-refused', 'body-too-large'],
})
export const getPromotionFile = route({
  id: 'getPromotionFile',
  method: 'get',
  path: '/api/promotions/:promotionId/file',
  access: 'flows.view',
  tag,
  rawResponse: true,
  summary: 'The file of a promotion.',
  params: Type.Object({ promotionId: PromotionId }),
  response: Type.Unknown(),
  errors: ['promotion-not-found'],
})
export const offerPromotion = route({
  id: 'offerPromotion',
  method: 'post',
  path: '/api/promotions/:promotionId/offer',
  access: 'flows.deploy',
  tag,
  summary: 'Puts a promotion into the shared folder, for the other installations.',
  params: Type.Object({ promotionId: PromotionId }),
  response: Promotion,
  errors: ['promotion-not-found', 'promotion-store'],
})
export const removePromotion = route({
  id: 'removePromotion',
  method: 'delete',
  path: '/api/promotions/:promotionId',
  access: 'flows.deploy',
  tag,
  summary: 'Forgets the file of a promotion; from the shared folder only one that was made here.',
  params: Type.Object({ promotionId: PromotionId }),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['promotion-not-found', 'promotion-of-another', 'promotion-store'],
})

/** For each thing of that shop, what stands for it in this one: `<kind> <value>` to a value. */
export const PromotionChoices = Type.Record(Type.String({ maxLength: 320 }), Type.String({ maxLength: 300 }), { maxProperties: 500 })
const TakeRequest = Type.Object(
  {
    choices: PromotionChoices,
    /** Settings that flows share (config nodes) and that are not the same here: `ours` stays unless the other is said. */
    config: Type.Optional(Type.Record(NodeId, Type.Enum(['ours', 'theirs']), { maxProperties: 500 })),
    /** Panels that were arranged otherwise here: `ours` stays unless the other is said. */
    panels: Type.Optional(Type.Record(Type.String({ maxLength: 200 }), Type.Enum(['ours', 'theirs']), { maxProperties: 200 })),
    /** Programs of the same name with another content: by the key of their reference. Those are taken or left only when somebody says so. */
    programs: Type.Optional(Type.Record(Type.String({ maxLength: 320 }), Type.Enum(['ours', 'theirs']), { maxProperties: 500 })),
    /** Takes what was changed here since the last promotion from there. */
    overwrites: Type.Boolean({ default: false }),
    /** Takes a key that is new here: its fingerprint, compared by a person. */
    trusts: Type.Optional(Type.String({ maxLength: 60 })),
  },
  closed,
)
export type TakeRequest = Static<typeof TakeRequest>

/** What was found for one reference. `open`: somebody has to choose. */
export const ResolvedReference = Type.Object({
  key: Type.String(),
  reference: PromotionReference,
  value: Type.Optional(Type.String()),
  /** `here`: what stands at these places already. `gone`: there is none of that name, which keeps nobody from deploying. */
  how: Type.Enum(['chosen', 'remembered', 'here', 'same', 'by-name', 'open', 'gone']),
  /** Of a program: its content here is another. */
  differs: Type.Optional(Type.Boolean()),
})
export type ResolvedReference = Static<typeof ResolvedReference>

export const PromotionPreview = Type.Object({
  promotion: Promotion,
  /** The revision that it would change. */
  rev: Type.String(),
  changes: FlowChanges,
  counts: Type.Object({ added: Type.Integer(), changed: Type.Integer(), removed: Type.Integer() }),
  lostWires: Type.Integer(),
  tabs: Type.Array(Type.Object({ id: NodeId, label: Type.String() })),
  references: Type.Array(ResolvedReference),
  needs: Type.Array(TemplateNeed),
  problems: Type.Array(FlowProblem),
  advice: Type.Array(FlowAdvice),
  tests: Type.Array(FlowTest),
  /** Nodes that were changed here since the last promotion from there, and would be overwritten. */
  changedHere: Type.Array(Type.Object({ id: NodeId, name: Type.String(), type: Type.String() })),
  config: Type.Array(
    Type.Object({ id: NodeId, name: Type.String(), type: Type.String(), properties: Type.Array(Type.String()), decision: Type.Enum(['ours', 'theirs']) }),
  ),
  /** `changed`: as it came last time here, and otherwise there. `differs`: arranged here. `no-machine`: of a machine that is not here. */
  panels: Type.Array(
    Type.Object({
      key: Type.String(),
      scope: LayoutScope,
      state: Type.Enum(['new', 'same', 'changed', 'differs', 'no-machine', 'not-allowed']),
      decision: Type.Enum(['ours', 'theirs']),
    }),
  ),
  /**
   * `new`: not here yet. `missing`: neither here nor in the file. `changed`: as it came last time here, and otherwise there. `differs`:
   * another content here. No decision: somebody has to say.
   */
  programs: Type.Array(
    Type.Object({
      key: Type.String(),
      name: Type.String(),
      state: Type.Enum(['same', 'new', 'missing', 'changed', 'differs']),
      isIn: Type.Boolean({ description: 'Its content is in the file' }),
      /** It is in the file, and whoever asks may store programs. */
      canTake: Type.Boolean(),
      decision: Type.Optional(Type.Enum(['ours', 'theirs'])),
    }),
  ),
  /** An older version than the one that came from there last. */
  isOlder: Type.Boolean(),
  /** A deploy needs a reason here. */
  needsReason: Type.Boolean(),
  isReady: Type.Boolean(),
})
export type PromotionPreview = Static<typeof PromotionPreview>

export const lookAtPromotion = route({
  id: 'lookAtPromotion',
  method: 'post',
  path: '/api/promotions/:promotionId/preview',
  access: 'flows.deploy',
  tag,
  summary: 'What taking a promotion would change here, what is missing, and what has to be chosen. Changes nothing.',
  params: Type.Object({ promotionId: PromotionId }),
  body: TakeRequest,
  response: PromotionPreview,
  errors: ['promotion-not-found', 'promotion-refused', 'runtime-away'],
})
export const takePromotion = route({
  id: 'takePromotion',
  method: 'post',
  path: '/api/promotions/:promotionId/take',
  access: 'flows.deploy',
  tag,
  summary: 'Deploys a promotion here, by the way of every deploy.',
  params: Type.Object({ promotionId: PromotionId }),
  body: Type.Object(
    {
      ...TakeRequest.properties,
      /** The revision that was looked at. */
      rev: Type.Optional(Type.String()),
      reason: Type.Optional(Prose(400)),
      /** To follow the deploy by. */
      id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16,64}$' })),
      untested: Type.Optional(Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }) }, closed)),
    },
    closed,
  ),
  response: Type.Object({
    ...TakenPromotion.properties,
    /** Panels that could not be saved after it; the flows run. */
    panelProblems: Type.Array(Type.String()),
  }),
  errors: [
    'promotion-not-found',
    'promotion-refused',
    'promotion-open',
    'promotion-program',
    'promotion-signer',
    'promotion-overwrites',
    'template-needs',
    'reason-missing',
    'change-requested',
    'version-mismatch',
    'flows-invalid',
    'node-type-not-allowed',
    'flow-tests-failed',
    'deploy-failed',
    'runtime-away',
  ],
})

/** `template.json`: what a template says of itself, and its parameters, of which the pages make their forms. Browser-safe. */
import { type Static, Type } from 'typebox'
import { FlowTest } from '../flow-tests.ts'
import { QUALITY_PICKS } from '../quality/picks.ts'

const closed = { additionalProperties: false }

export const TemplateId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,63}$', description: 'Lower case letters, digits and dashes' })
export const TemplateVersion = Type.String({ pattern: '^(0|[1-9][0-9]{0,5})\\.(0|[1-9][0-9]{0,5})\\.(0|[1-9][0-9]{0,5})$', description: 'Such as 1.2.0' })
/** Names of parameters; `{{name}}` in the flow stands for its value. */
export const ParameterKey = '^[a-zA-Z][a-zA-Z0-9]{0,39}$'
/** One line of text. */
export const Line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })

/** What templates are for; the gallery groups by it. */
export const TEMPLATE_CATEGORIES = ['production', 'quality', 'tools', 'maintenance', 'alarms', 'orders', 'programs', 'data', 'energy'] as const
/** What a machine must be able to do: `spindle` and `homing` are asked of the controller, the rest of its settings or of a person. */
export const MACHINE_NEEDS = ['homing', 'spindle', 'tool-change', 'tool-setter', 'interlocks', 'probe', 'coolant'] as const

/**
 * One parameter, as JSON Schema with the words that node forms have too (`nodes/define-node/schema.ts`), so that the same form
 * code shows both. A characteristic that is given by its name is a text with `suggests`, one of the list a `quality-characteristic`.
 */
export const TemplateParameter = Type.Object(
  {
    title: Line(80),
    help: Type.Optional(Type.String({ maxLength: 300 })),
    type: Type.Enum(['string', 'number', 'integer', 'boolean']),
    widget: Type.Enum(['machine', 'connection', 'program', ...QUALITY_PICKS, 'text', 'number', 'select', 'checkbox']),
    suggests: Type.Optional(Type.Literal('characteristic')),
    /** Behind a number. */
    unit: Type.Optional(Line(20)),
    placeholder: Type.Optional(Type.String({ maxLength: 100 })),
    default: Type.Optional(Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()])),
    /** A good value for trying it: what the tests of the template take. */
    examples: Type.Optional(Type.Array(Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()]), { maxItems: 5 })),
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
    minLength: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    enum: Type.Optional(Type.Array(Line(100), { minItems: 1, maxItems: 50 })),
    /** What the values of `enum` are called. */
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 100 }))),
    /** Of a connection: which connectors suit. */
    connectors: Type.Optional(Type.Array(Line(60), { maxItems: 20 })),
  },
  closed,
)
export type TemplateParameter = Static<typeof TemplateParameter>

export const TemplateParameters = Type.Object(
  {
    type: Type.Literal('object'),
    properties: Type.Record(Type.String({ pattern: ParameterKey }), TemplateParameter, { maxProperties: 40, ...closed }),
    required: Type.Optional(Type.Array(Type.String({ pattern: ParameterKey }), { maxItems: 40 })),
  },
  closed,
)
export type TemplateParameters = Static<typeof TemplateParameters>

export const Words = Type.Object(
  {
    name: Type.Optional(Line(80)),
    summary: Type.Optional(Line(300)),
    parameters: Type.Optional(
      Type.Record(Type.String({ pattern: ParameterKey }), Type.Object({ title: Type.Optional(Line(80)), help: Type.Optional(Line(300)) }, closed)),
    ),
  },
  closed,
)

/** `template.json`. */
export const TemplateManifest = Type.Object(
  {
    format: Type.Literal(1),
    id: TemplateId,
    version: TemplateVersion,
    name: Line(80),
    summary: Line(300),
    author: Line(120),
    /** As SPDX names them: Apache-2.0, MIT, CC-BY-4.0, … */
    licence: Line(60),
    categories: Type.Array(Type.Enum([...TEMPLATE_CATEGORIES]), { minItems: 1, maxItems: 4, uniqueItems: true }),
    /** Files in `pictures/`, the best first. Without one, a picture is drawn of the flow. */
    pictures: Type.Optional(Type.Array(Line(120), { maxItems: 10 })),
    parameters: TemplateParameters,
    needs: Type.Optional(
      Type.Object(
        {
          /** Node packages and the least version of each; those of the product need not be named. */
          modules: Type.Optional(Type.Record(Type.String({ pattern: '^(@[a-z0-9-]+/)?[a-z0-9][a-z0-9._-]{0,100}$' }), TemplateVersion, { maxProperties: 20 })),
          connectors: Type.Optional(Type.Array(Line(60), { maxItems: 20 })),
          machine: Type.Optional(Type.Array(Type.Enum([...MACHINE_NEEDS]), { maxItems: 10, uniqueItems: true })),
        },
        closed,
      ),
    ),
    german: Type.Optional(Words),
  },
  closed,
)
export type TemplateManifest = Static<typeof TemplateManifest>

/** A test of a template: a flow test whose ids are those of the template, and whose texts may hold parameters. */
export const TemplateTest = Type.Omit(FlowTest, ['id'], closed)
export type TemplateTest = Static<typeof TemplateTest>

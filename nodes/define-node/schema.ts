/**
 * The words a node's configuration is declared with: TypeBox, plus what only nodes have - a value that may come
 * from the message, a reference to a config node, a machine, program or connection picked from the product's lists.
 */
import { type Static, type TArray, type TEnum, type TNumber, type TObject, type TProperties, type TSchema, type TString, type TUnsafe, Type } from 'typebox'

/** Where a message value may be read from; Node-RED's typedInput names. */
const MESSAGE_SOURCES = ['msg', 'flow', 'global', 'env', 'jsonata', 'str', 'num', 'bool', 'json'] as const
export type MessageSource = (typeof MESSAGE_SOURCES)[number]

/** Lists of the product that a field picks from. */
export type Pick = 'machine' | 'program' | 'connection' | 'quality-characteristic' | 'sampling-plan' | 'gage-study'

/** What a field says to people; it ends up in the JSON schema of the forms. */
export interface FieldNotes {
  title: string
  /** One sentence under the field. */
  help?: string
  /** Shown behind a number, e.g. `mm`. */
  unit?: string
  placeholder?: string
  /** Shown only while the choice `field` has one of these values: for a node that does one of several things. */
  when?: { field: string; is: readonly string[] }
  /** Of an optional field with `when`: while it is shown it must be filled in. The node's `check` says the same. */
  isNeeded?: true
}

/** A stored message value; `Result` is what it evaluates to. */
export interface MessageSetting<Result = unknown> {
  value: string
  type: MessageSource
  readonly '~result'?: Result
}

/** A stored reference to a config node whose configuration is `Config`. */
export type ConfigReference<Config = unknown> = string & { readonly '~config'?: Config }

export interface MessageValueNotes extends FieldNotes {
  /** Where it comes from until the engineer says otherwise. */
  default: { type: MessageSource; value: string }
  /** The literal text is picked from this list. */
  picks?: Pick
  /** The literal text is the name of one of these, which need not be there yet. */
  suggests?: 'inspection-plan'
}

const SOURCES_BY_TYPE: Record<string, readonly MessageSource[]> = {
  string: ['str', 'msg', 'flow', 'global', 'jsonata', 'env'],
  number: ['num', 'msg', 'flow', 'global', 'jsonata', 'env'],
  integer: ['num', 'msg', 'flow', 'global', 'jsonata', 'env'],
  boolean: ['bool', 'msg', 'flow', 'global', 'jsonata'],
}

/**
 * A value that is a constant or is read for each message: from the message, the flow or global context, the
 * environment or a JSONata expression. What comes out is checked against `of`.
 * Stored as Node-RED does: `<property>` and `<property>Type`.
 */
export function MessageValue<Of extends TSchema>(of: Of, { default: initial, ...notes }: MessageValueNotes): TUnsafe<MessageSetting<Static<Of>>> {
  const type = (of as { type?: unknown }).type
  const sources = (typeof type === 'string' ? SOURCES_BY_TYPE[type] : undefined) ?? ['msg', 'flow', 'global', 'jsonata', 'json', 'str', 'num', 'bool', 'env']
  return Type.Unsafe<MessageSetting<Static<Of>>>({ ...notes, widget: 'message-value', of, sources, initial })
}

/** A reference to a config node, declared with `defineNode({ kind: 'config' })`. */
export function ConfigNode<P extends TProperties>(
  declaration: { type: string; config: TObject<P> },
  notes: FieldNotes,
): TUnsafe<ConfigReference<Static<TObject<P>>>> {
  return Type.Unsafe<ConfigReference<Static<TObject<P>>>>({ type: 'string', minLength: 1, ...notes, widget: 'config-node', configType: declaration.type })
}

/** The id of a machine, program or connection, picked from the product's list. */
export function Picked(what: Pick, notes: FieldNotes): TString {
  return Type.String({ minLength: 1, maxLength: 200, ...notes, widget: what })
}

/** One of a few words; `labels` says them to people. */
export function Choice<const Values extends readonly [string, ...string[]]>(
  values: Values,
  notes: FieldNotes & { labels: Record<Values[number], string>; default: Values[number] },
): TEnum<[...Values]> {
  return Type.Enum(values, { ...notes, widget: 'select' }) as unknown as TEnum<[...Values]>
}

/** Several of a few words. */
export function Choices<const Values extends readonly [string, ...string[]]>(
  values: Values,
  notes: FieldNotes & { labels: Record<Values[number], string>; default: Values[number][] },
): TArray<TEnum<[...Values]>> {
  return Type.Array(Type.Enum(values), { minItems: 1, uniqueItems: true, ...notes, widget: 'checkboxes' }) as unknown as TArray<TEnum<[...Values]>>
}

/** Names that are in use, offered while a text is written. */
export type Suggestion = 'characteristic'

/** A line of text. */
export function Text(notes: FieldNotes & { minLength?: number; maxLength?: number; pattern?: string; default?: string; suggests?: Suggestion }): TString {
  return Type.String({ maxLength: 200, ...notes, widget: 'text' })
}

/** A number, with its unit where it has one. */
export function Quantity(notes: FieldNotes & { minimum?: number; maximum?: number; default?: number; isWhole?: boolean }): TNumber {
  const { isWhole, ...rest } = notes
  return isWhole ? (Type.Integer({ ...rest, widget: 'number' }) as unknown as TNumber) : Type.Number({ ...rest, widget: 'number' })
}

/** Rows of simple fields, e.g. the values a button asks for. */
export function Rows<P extends TProperties>(row: P, notes: FieldNotes & { maxItems?: number }): TArray<TObject<P>> {
  return Type.Array(Type.Object(row, { additionalProperties: false }), { maxItems: 20, default: [], ...notes, widget: 'rows' })
}

/** A field as the generators look at it: one of the builders above made it. */
export type Field = FieldNotes & {
  isOptional: boolean
  default?: unknown
} & (
    | {
        widget: 'message-value'
        of: TSchema
        sources: readonly MessageSource[]
        initial: { type: MessageSource; value: string }
        picks?: Pick
        suggests?: 'inspection-plan'
      }
    | { widget: 'config-node'; configType: string }
    | { widget: Pick }
    | { widget: 'select'; enum: readonly string[]; labels: Record<string, string> }
    | { widget: 'checkboxes'; items: { enum: readonly string[] }; labels: Record<string, string> }
    | { widget: 'text'; minLength?: number; maxLength?: number; pattern?: string; suggests?: Suggestion }
    | { widget: 'number'; type: 'number' | 'integer'; minimum?: number; maximum?: number }
    | { widget: 'checkbox' }
    | { widget: 'rows'; items: TObject; maxItems?: number }
  )

/** The fields of a configuration, in the order they were declared. */
export function fieldsOf(config: TObject): [key: string, field: Field][] {
  return Object.entries(config.properties).map(([key, schema]) => {
    const notes = schema as unknown as Record<string, unknown>
    const widget = notes.widget ?? (notes.type === 'boolean' ? 'checkbox' : undefined)
    if (typeof widget !== 'string' || typeof notes.title !== 'string') {
      throw new Error(`The field "${key}" was not made with the builders of nodes/define-node/schema.ts, or has no title.`)
    }
    return [key, { ...notes, widget, isOptional: Type.IsOptional(schema) } as Field]
  })
}

/** The first page of a form: name, what the object does, whether it is enabled. */
import { Button, CopyButton, Select, Switch, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import type { ShownType } from '../../shared/node-words.ts'
import { addConfigNode } from '../model/commands.ts'
import { type FlowNode, kindOf, textOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { withDefaults } from './check.ts'
import { InstanceEnv } from './env/instance-env.tsx'
import { HelpText } from './help-text.tsx'
import { GroupForm } from './object/group-form.tsx'
import { SubflowForm, UserList } from './object/subflow-form.tsx'
import { PlainForm } from './plain-form.tsx'
import { MessagePart } from './sample/message-part.tsx'
import { fieldsOf } from './schema.ts'
import { SchemaForm } from './schema-form.tsx'
import type { SecretValues } from './secrets.ts'
import { useConfigText } from './text.ts'
import { AboveFields } from './widgets/index.tsx'

export interface SettingsTabProps {
  node: FlowNode
  type: ShownType | undefined
  /** Of an instance: its subflow. */
  definition: FlowNode | undefined
  values: FlowNode
  wrong: ReadonlyMap<string, string>
  onChange: (changes: Record<string, unknown>) => void
  secrets: SecretValues
  onSecret: (name: string, value: string | undefined) => void
  apply: () => void
  /** Edits another object and comes back. */
  onOpen: (id: string) => void
  /** Leaves the form for a place on a canvas. */
  onShow: (id: string) => void
  onClose: () => void
}

export function SettingsTab(props: SettingsTabProps) {
  const { node, type, values, onChange, onShow } = props
  const text = useDesignerText()
  const more = useConfigText()
  const workspace = useWorkspace('model')
  const kind = kindOf(node)
  const nameProperty = kind === 'tab' ? 'label' : 'name'
  return (
    <>
      {kind !== 'junction' && (
        <TextInput
          label={text.config.name}
          description={kind === 'node' ? text.config.nameHint : undefined}
          value={textOf(values, nameProperty)}
          onChange={(event) => onChange({ [nameProperty]: event.currentTarget.value })}
          autoComplete="off"
          data-autofocus
          data-testid="field-name"
        />
      )}
      {kind === 'node' && <AboveFields values={values} onChange={onChange} />}
      {(kind === 'node' || kind === 'config') && <TypeFields {...props} />}
      {kind === 'group' && <GroupForm node={node} values={values} onChange={onChange} />}
      {kind === 'subflow' && <SubflowForm node={node} values={values} onChange={onChange} onShow={onShow} />}
      {kind === 'config' && <ConfigNodeParts {...props} />}
      {(kind === 'node' || kind === 'config') && (
        <Switch
          label={text.config.enabled}
          description={text.config.enabledHint}
          checked={values.d !== true}
          onChange={(event) => onChange({ d: event.currentTarget.checked ? undefined : true })}
          data-testid="field-enabled"
        />
      )}
      {kind === 'tab' && (
        <>
          <Switch
            label={text.config.enabled}
            checked={values.disabled !== true}
            onChange={(event) => onChange({ disabled: !event.currentTarget.checked })}
            data-testid="field-enabled"
          />
          <Switch
            label={more.isLocked}
            description={more.isLockedHint}
            checked={values.locked === true}
            onChange={(event) => onChange({ locked: event.currentTarget.checked ? true : node.locked === undefined ? undefined : false })}
            data-testid="field-locked"
          />
        </>
      )}
      {props.definition && (
        <Button
          variant="default"
          onClick={() => {
            props.onClose()
            if (props.definition) workspace.open(props.definition.id)
          }}
        >
          {text.config.openSubflow}
        </Button>
      )}
      {kind === 'node' && (type?.inputs !== 0 || props.definition) && <MessagePart />}
      {type?.helpHtml && (
        <details className="panel-help">
          <summary>{text.config.help}</summary>
          {type.hasEnglishHelp && <p className="form-help">{text.config.helpIsEnglish}</p>}
          <HelpText html={type.helpHtml} />
        </details>
      )}
      <p className="config-id">
        {more.id} <code>{node.id}</code>
        <CopyButton value={node.id}>
          {({ copied, copy }) => (
            <Button variant="subtle" color="gray" size="compact-xs" onClick={copy} aria-label={more.copyId}>
              {copied ? more.copied : text.io.copy}
            </Button>
          )}
        </CopyButton>
      </p>
    </>
  )
}

function TypeFields({ type, definition, values, wrong, onChange, secrets, onSecret, apply, onOpen }: SettingsTabProps) {
  const text = useDesignerText()
  const { model, types } = useWorkspace('model', 'types')
  const fields = useMemo(() => fieldsOf(type?.configSchema), [type])
  const newConfig = (configType: string, use: (id: string) => void) => {
    const of = types.get(configType)
    if (!of) return
    const id = addConfigNode(model, of, {})
    use(id)
    // the field's new reference is in the draft after this turn; then the form gives way to the config node's
    setTimeout(() => {
      apply()
      onOpen(id)
    })
  }
  if (definition) {
    return (
      <InstanceEnv
        definition={definition}
        values={values}
        onChange={onChange}
        secrets={secrets}
        onSecret={onSecret}
        onNewConfig={newConfig}
        onEditConfig={onOpen}
      />
    )
  }
  if (type?.configSchema) {
    return <SchemaForm fields={fields} values={withDefaults(fields, values)} wrong={wrong} onChange={onChange} onNewConfig={newConfig} onEditConfig={onOpen} />
  }
  return (
    <>
      {type ? <p className="form-help">{text.config.plainHint}</p> : <p className="form-note">{text.config.unknown}</p>}
      <PlainForm
        defaults={type?.defaults ?? {}}
        references={type?.references ?? {}}
        values={values}
        onChange={onChange}
        onNewConfig={newConfig}
        onEditConfig={onOpen}
      />
    </>
  )
}

const EVERYWHERE = '\0everywhere'

/** Of shared settings: who uses them, and where they can be chosen. */
function ConfigNodeParts({ node, values, onChange, onShow, onOpen }: SettingsTabProps) {
  const text = useDesignerText()
  const more = useConfigText().shared
  const { model } = useWorkspace('model')
  const users = model.usersOf(node.id)
  const places = [...model.tabs(), ...model.subflows()].map((place) => ({
    value: place.id,
    label: textOf(place, 'label') || textOf(place, 'name') || place.id,
  }))
  return (
    <>
      <Select
        label={more.scope}
        description={more.scopeHint}
        data={[{ value: EVERYWHERE, label: more.everywhere }, ...places]}
        value={textOf(values, 'z') || EVERYWHERE}
        allowDeselect={false}
        searchable={places.length > 8}
        onChange={(next) => onChange({ z: next === EVERYWHERE ? (node.z === undefined ? undefined : '') : next })}
        data-testid="field-scope"
      />
      <UserList
        title={text.config.users(users.length)}
        nodes={users}
        onShow={(id) => {
          const user = model.get(id)
          if (user && kindOf(user) === 'config') onOpen(id)
          else onShow(id)
        }}
      />
    </>
  )
}

/** All shared settings (config nodes): what each is, who uses it, and what nobody uses. */
import './shared.css'
import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CopyPlus, Search, SquarePen, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { familyOf } from '../../canvas/families.ts'
import { TypeIcon } from '../../canvas/icons.tsx'
import { useHost } from '../../host/use-host.ts'
import { removeNodes } from '../../model/commands.ts'
import { type FlowNode, kindOf, newId, textOf } from '../../model/raw.ts'
import { labelOf } from '../../model/scene.ts'
import { Panel } from '../../panels/panel.tsx'
import { useWorkspace } from '../../use-workspace.ts'
import { UserList } from '../object/subflow-form.tsx'
import { useConfigText } from '../text.ts'
import { isForAll, unusedConfigs, usersByConfig } from './users.ts'

export function SharedPanel({ onClose }: { onClose: () => void }) {
  const text = useConfigText().shared
  const host = useHost()
  const workspace = useWorkspace('model', 'types')
  const { model, types } = workspace
  const version = workspace.version('model')
  const [search, setSearch] = useState('')
  const [isOnlyUnused, setOnlyUnused] = useState(false)
  const { entries, unused } = useMemo(() => {
    // the version stands for the model's content
    void version
    const users = usersByConfig(model)
    const withoutUser = unusedConfigs(model)
    const gone = new Set(withoutUser.map(({ id }) => id))
    return {
      unused: withoutUser,
      entries: model
        .configNodes()
        .filter((node) => !isForAll(node))
        .map((node) => ({ node, users: users.get(node.id) ?? [], isUnused: gone.has(node.id) })),
    }
  }, [model, version])
  const wanted = search.trim().toLowerCase()
  const shown = entries.filter(
    ({ node, isUnused }) =>
      (!isOnlyUnused || isUnused) &&
      (wanted === '' || `${nameOf(node, types)} ${node.type} ${types.get(node.type)?.label ?? ''} ${node.id}`.toLowerCase().includes(wanted)),
  )
  const byType = [...Map.groupBy(shown, ({ node }) => node.type)].sort(([a], [b]) => titleOf(a).localeCompare(titleOf(b)))
  function titleOf(type: string): string {
    return types.get(type)?.label ?? type
  }
  const remove = (nodes: readonly FlowNode[]) => {
    removeNodes(
      model,
      nodes.map(({ id }) => id),
    )
    last += 1
    const id = `shared-removed-${last}`
    const step = model.version
    notifications.show({
      id,
      message: (
        <span className="config-discarded">
          {text.removed(nodes.length)}
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              notifications.hide(id)
              // only the step that this speaks of
              if (model.version === step) model.undo()
            }}
          >
            {text.undo}
          </Button>
        </span>
      ),
    })
  }
  const duplicate = (node: FlowNode) => {
    const copy = { ...structuredClone(node), id: newId(), name: text.copyOf(nameOf(node, types)) }
    model.edit('add', (draft) => draft.put(copy))
    host.page?.edit(copy.id)
  }
  return (
    <Panel title={text.title} {...(unused.length > 0 && { note: text.unusedCount(unused.length) })} onClose={onClose}>
      {entries.length === 0 ? (
        <div className="panel-empty">
          <strong>{text.none}</strong>
          <span>{text.noneText}</span>
        </div>
      ) : (
        <div className="shared">
          <TextInput
            placeholder={text.search}
            aria-label={text.search}
            leftSection={<Search size={16} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            data-autofocus
            data-testid="shared-search"
          />
          {unused.length > 0 && (
            <div className="shared-unused">
              <Checkbox
                label={text.onlyUnused}
                checked={isOnlyUnused}
                onChange={(event) => setOnlyUnused(event.currentTarget.checked)}
                data-testid="shared-only-unused"
              />
              <Button size="compact-sm" variant="default" onClick={() => remove(unused)} data-testid="shared-remove-unused">
                {text.removeUnused(unused.length)}
              </Button>
            </div>
          )}
          {shown.length === 0 && <p className="form-help">{text.noMatch}</p>}
          {byType.map(([type, list]) => (
            <section key={type} aria-label={titleOf(type)}>
              <h3 className="shared-type">
                <span data-family={familyOf(types.get(type)?.family ?? 'other')}>
                  <TypeIcon type={type} family={types.get(type)?.family ?? 'config'} icon={types.get(type)?.icon} size={16} />
                </span>
                {titleOf(type)}
                {titleOf(type) !== type && <code>{type}</code>}
              </h3>
              <ul className="shared-list">
                {list.map(({ node, users, isUnused }) => {
                  const name = nameOf(node, types)
                  return (
                    <li key={node.id} data-testid={`shared-${node.id}`}>
                      <div className="shared-head">
                        <Button
                          variant="subtle"
                          size="compact-md"
                          className="shared-name"
                          onClick={() => host.page?.edit(node.id)}
                          aria-label={text.edit(name)}
                        >
                          {name}
                        </Button>
                        <span className="shared-place">{placeOf(node, workspace.model.get(textOf(node, 'z')), text)}</span>
                        <ActionIcon variant="subtle" color="gray" onClick={() => host.page?.edit(node.id)} aria-label={text.edit(name)} tabIndex={-1}>
                          <SquarePen size={15} aria-hidden />
                        </ActionIcon>
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          onClick={() => duplicate(node)}
                          aria-label={text.duplicate(name)}
                          title={text.duplicate(name)}
                        >
                          <CopyPlus size={15} aria-hidden />
                        </ActionIcon>
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          disabled={users.length > 0}
                          onClick={() => remove([node])}
                          aria-label={text.remove(name)}
                          title={users.length > 0 ? text.inUse : text.remove(name)}
                          data-testid={`shared-remove-${node.id}`}
                        >
                          <Trash2 size={15} aria-hidden />
                        </ActionIcon>
                      </div>
                      {users.length === 0 || isUnused ? (
                        <span className="shared-none">{users.length === 0 ? text.unused : text.users(users.length)}</span>
                      ) : (
                        <UserList
                          title={text.users(users.length)}
                          nodes={users}
                          onShow={(id) => {
                            const user = model.get(id)
                            if (!user) return
                            if (kindOf(user) === 'config') host.page?.edit(id)
                            else {
                              workspace.reveal(id)
                              host.focus()
                            }
                          }}
                        />
                      )}
                    </li>
                  )
                })}
              </ul>
            </section>
          ))}
        </div>
      )}
    </Panel>
  )
}

let last = 0

function nameOf(node: FlowNode, types: ReturnType<typeof useWorkspace>['types']): string {
  return textOf(node, 'name') || textOf(node, 'machineId') || labelOf(node, types.get(node.type))
}

function placeOf(node: FlowNode, place: FlowNode | undefined, text: ReturnType<typeof useConfigText>['shared']): string {
  const where = place ? textOf(place, 'label') || textOf(place, 'name') : ''
  return [where, node.d === true ? text.disabled : ''].filter(Boolean).join(' · ')
}

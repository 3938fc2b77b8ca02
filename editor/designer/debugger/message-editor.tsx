/** What is in a waiting message, opened level by level; every part that has a JSON form can be changed where it stands. */
import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core'
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { MessageEdit, MessageView, WaitingMessage } from '../../../server/api/debugger.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { useDebuggerText } from './text.ts'

const MOST = 100
/** The flow leads the message by these. */
const FIXED = new Set(['_run', '_msgid', '_linkSource', 'req', 'res'])
type Path = (string | number)[]

const pointerOf = (path: Path) => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
const wordsOf = (path: Path) => ['msg', ...path].join('.')

/** @returns the value, or why it is none */
function readJson(source: string): { value: unknown } | { wrong: string } {
  try {
    return { value: JSON.parse(source) as unknown }
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) }
  }
}

interface Editing {
  opaque: ReadonlySet<string>
  /** Undefined: only to be looked at. */
  change: ((edit: MessageEdit) => Promise<string | undefined>) | undefined
}

export function MessageEditor({ store, waiting, mayEdit }: { store: DebuggerStore; waiting: WaitingMessage; mayEdit: boolean }) {
  const text = useDebuggerText()
  const findings = useFindingText()
  const [view, setView] = useState<MessageView>()
  const [failure, setFailure] = useState<string>()
  const [isAdding, setAdding] = useState(false)
  // somebody else may have changed it
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words of the list tell of a change
  useEffect(() => {
    let isOver = false
    store.read(waiting.id).then(
      (read) => isOver || setView(read),
      (error: unknown) => isOver || setFailure(errorWords(findings, error)),
    )
    return () => {
      isOver = true
    }
  }, [store, waiting.id, waiting.isEdited, waiting.payload, findings])
  if (!view) return <p className="debugger-dim">{failure ?? text.message.loading}</p>
  const change = async (edit: MessageEdit): Promise<string | undefined> => {
    try {
      setView(await store.edit(waiting.id, [edit]))
      return undefined
    } catch (error) {
      return errorWords(findings, error)
    }
  }
  const editing: Editing = { opaque: new Set(view.opaque), change: mayEdit ? change : undefined }
  return (
    <section className="debugger-message" aria-label={text.message.title} data-testid="waiting-message">
      <div className="debugger-head">
        <h4>{text.message.title}</h4>
        {mayEdit && !isAdding && (
          <Button size="compact-sm" variant="subtle" leftSection={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)} data-testid="message-add">
            {text.message.add}
          </Button>
        )}
      </div>
      {isAdding && <AddProperty change={change} onClose={() => setAdding(false)} />}
      <Entries value={view.message as object} path={[]} editing={editing} />
    </section>
  )
}

function Entries({ value, path, editing }: { value: object; path: Path; editing: Editing }) {
  const text = useDebuggerText()
  // what belongs to the flow and not to its words stands last
  const entries = Object.entries(value).sort(([a], [b]) => (path.length > 0 ? 0 : Number(FIXED.has(a)) - Number(FIXED.has(b))))
  if (entries.length === 0) return <p className="debugger-dim">{text.message.empty}</p>
  return (
    <ul className="debugger-tree">
      {entries.slice(0, MOST).map(([key, inner]) => (
        <Entry key={key} name={key} value={inner} path={[...path, Array.isArray(value) ? Number(key) : key]} editing={editing} />
      ))}
      {entries.length > MOST && <li className="debugger-dim">… +{entries.length - MOST}</li>}
    </ul>
  )
}

function Entry({ name, value, path, editing }: { name: string; value: unknown; path: Path; editing: Editing }) {
  const text = useDebuggerText()
  const [isOpen, setOpen] = useState(path.length === 1 && name === 'payload')
  const [isEdited, setEdited] = useState(false)
  const pointer = pointerOf(path)
  const isContainer = typeof value === 'object' && value !== null
  const isOpaque = editing.opaque.has(pointer)
  // what holds something without a JSON form is changed part by part: the whole would lose it
  const isWhole = !isOpaque && ![...editing.opaque].some((other) => other.startsWith(`${pointer}/`))
  const isFixed = path.length === 1 && FIXED.has(name)
  const { change } = editing
  const isChangeable = change !== undefined && isWhole && !isFixed
  const leaf = typeof value === 'string' ? (isOpaque ? value : JSON.stringify(value)) : String(value)
  return (
    <li>
      <div className="debugger-entry">
        {isContainer ? (
          <button type="button" className="tree-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <span className="tree-name">{name}</span> {Array.isArray(value) ? `[${value.length}]` : `{${Object.keys(value).length}}`}
          </button>
        ) : (
          <span className="debugger-leaf" title={isOpaque ? text.message.opaque : undefined} data-opaque={isOpaque || undefined}>
            <span className="tree-name">{name}</span> {leaf}
          </span>
        )}
        {isChangeable && !isEdited && (
          <>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={text.message.change(wordsOf(path))}
              onClick={() => setEdited(true)}
              data-testid={`change-${path.join('.')}`}
            >
              <Pencil size={13} aria-hidden />
            </ActionIcon>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={text.message.remove(wordsOf(path))} onClick={() => void change({ path })}>
              <Trash2 size={13} aria-hidden />
            </ActionIcon>
          </>
        )}
      </div>
      {isEdited && change && (
        <JsonField
          label={text.message.value(wordsOf(path))}
          initial={JSON.stringify(value, null, 2)}
          onTake={(next) => change({ path, value: next })}
          onClose={() => setEdited(false)}
        />
      )}
      {isContainer && isOpen && !isEdited && <Entries value={value} path={path} editing={editing} />}
    </li>
  )
}

function JsonField({
  label,
  initial,
  onTake,
  onClose,
}: {
  label: string
  initial: string
  onTake: (value: unknown) => Promise<string | undefined>
  onClose: () => void
}) {
  const text = useDebuggerText()
  const common = useCommonText()
  const [source, setSource] = useState(initial)
  const [wrong, setWrong] = useState<string>()
  const take = async () => {
    const read = readJson(source)
    const refused = 'wrong' in read ? text.message.notJson(read.wrong) : await onTake(read.value)
    if (refused === undefined) onClose()
    else setWrong(refused)
  }
  return (
    <fieldset
      className="debugger-field"
      data-own-keys
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault()
          event.stopPropagation()
          onClose()
        } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          void take()
        }
      }}
    >
      <Textarea
        aria-label={label}
        autosize
        minRows={1}
        maxRows={14}
        autoFocus
        value={source}
        error={wrong}
        spellCheck={false}
        classNames={{ input: 'form-code' }}
        onChange={(event) => {
          setSource(event.currentTarget.value)
          setWrong(undefined)
        }}
        data-testid="message-json"
      />
      <div className="debugger-buttons">
        <Button size="compact-sm" onClick={() => void take()} data-testid="message-take">
          {text.message.save}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onClose}>
          {common.cancel}
        </Button>
      </div>
    </fieldset>
  )
}

function AddProperty({ change, onClose }: { change: (edit: MessageEdit) => Promise<string | undefined>; onClose: () => void }) {
  const text = useDebuggerText()
  const [name, setName] = useState('')
  return (
    <div className="debugger-add">
      <TextInput
        label={text.message.addName}
        size="xs"
        value={name}
        autoFocus
        onChange={(event) => setName(event.currentTarget.value)}
        data-testid="message-name"
      />
      <JsonField label={text.message.addValue} initial={'""'} onTake={(value) => change({ path: [name.trim() || 'payload'], value })} onClose={onClose} />
    </div>
  )
}

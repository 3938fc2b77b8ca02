/** Every key, made from the actions; the canvas's own keys for moving about beside them. */
import { Modal, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { SHORTCUTS, type ShortcutName } from '../canvas/keyboard.ts'
import { ACTION_GROUPS } from '../find/commands.ts'
import { keyWords } from '../find/key-words.ts'
import { useFindText } from '../find/text.ts'
import { useAllActions } from '../host/use-host.ts'
import { useDesignerText } from '../text.ts'

interface Line {
  id: string
  title: string
  keys: readonly string[]
  isEverywhere: boolean
  /** Written as it is read. */
  isPlain?: boolean
}

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const designer = useDesignerText().shortcuts
  const text = useFindText()
  const actions = useAllActions()
  const [query, setQuery] = useState('')
  const { title, ...tips } = designer.mouse
  const sections = ACTION_GROUPS.map((group) => ({
    name: text.groups[group],
    lines: actions
      .filter((action) => action.group === group && action.keys?.length && action.isShown?.(undefined) !== false)
      .map((action): Line => ({ id: action.id, title: action.title, keys: action.keys ?? [], isEverywhere: action.isEverywhere === true })),
  }))
  // what the canvas does by itself: walking and moving
  const walking = (Object.keys(SHORTCUTS) as ShortcutName[]).map(
    (name): Line => ({ id: name, title: designer.names[name], keys: SHORTCUTS[name], isEverywhere: false, isPlain: true }),
  )
  const wanted = query.trim().toLowerCase()
  const shown = [{ name: text.shortcuts.canvas, lines: walking }, ...sections]
    .map(({ name, lines }) => ({
      name,
      lines: lines.filter((line) => wanted === '' || `${line.title} ${name} ${line.keys.join(' ')}`.toLowerCase().includes(wanted)),
    }))
    .filter(({ lines }) => lines.length > 0)
  return (
    <Modal opened onClose={onClose} title={text.shortcuts.title} size={860}>
      <p className="form-help">{text.shortcuts.hint}</p>
      <TextInput
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        placeholder={text.shortcuts.search}
        aria-label={text.shortcuts.search}
        leftSection={<Search size={16} aria-hidden />}
        data-autofocus
        data-testid="shortcuts-search"
      />
      {shown.length === 0 && <p className="panel-empty">{text.shortcuts.none}</p>}
      <div className="shortcuts-sections" data-testid="shortcuts">
        {shown.map(({ name, lines }) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl className="shortcuts">
              {lines.map((line) => (
                <div key={line.id}>
                  <dt>
                    {line.title}
                    {line.isEverywhere && <em> · {text.shortcuts.everywhere}</em>}
                  </dt>
                  <dd>{line.keys.map((keys) => (line.isPlain ? <kbd key={keys}>{keys}</kbd> : <Keys key={keys} keys={keys} />))}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      {wanted === '' && (
        <>
          <h3>{title}</h3>
          <ul className="shortcuts-tips">
            {Object.values(tips).map((tip) => (
              <li key={tip}>{tip}</li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  )
}

function Keys({ keys }: { keys: string }) {
  const text = useFindText()
  const steps = keyWords(keys, text.keys)
  return (
    <span className="shortcut-keys">
      {steps.map((step, at) => (
        <span key={step.join('+')}>
          {at > 0 && <em> {text.shortcuts.after} </em>}
          <kbd>{step.join('+')}</kbd>
        </span>
      ))}
    </span>
  )
}

/** What may be installed: who says so, and the shop's own part of it. */
import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { ALLOWED_MODULE, type AllowedModule, type PaletteView } from '../../../server/api/palette.ts'
import { changeSetting } from '../../../server/api/settings.ts'
import { call } from '../../shared/api.ts'
import { usePaletteText } from './words.ts'

interface AllowedProps {
  allowed: PaletteView['allowed']
  mayChange: boolean
  onChange: () => void
}

const NAME = new RegExp(ALLOWED_MODULE)

export function AllowedModules({ allowed, mayChange, onChange }: AllowedProps) {
  const { allowed: text, failed } = usePaletteText()
  const [module, setModule] = useState('')
  const [why, setWhy] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isSaving, setSaving] = useState(false)
  const own = allowed.filter(({ from }) => from === 'shop').map((rule) => ({ module: rule.module, why: rule.why ?? '' }))
  const save = async (value: AllowedModule[]) => {
    setSaving(true)
    try {
      await call(changeSetting, { params: { name: 'allowedModules' }, body: { value } })
      notifications.show({ message: text.saved })
      onChange()
      return true
    } catch (error) {
      notifications.show({ color: 'red', title: failed, message: (error as Error).message })
      return false
    } finally {
      setSaving(false)
    }
  }
  const add = async (event: FormEvent) => {
    event.preventDefault()
    const name = module.trim()
    if (!NAME.test(name)) return setProblem(text.wrong)
    if (allowed.some((rule) => rule.module === name)) return setProblem(text.there)
    setProblem(undefined)
    if (!(await save([...own, { module: name, why: why.trim() }]))) return
    setModule('')
    setWhy('')
  }
  return (
    <section className="settings-card" aria-labelledby="palette-allowed">
      <h3 id="palette-allowed">{text.title}</h3>
      <p className="settings-dim">{text.hint}</p>
      <ul className="settings-list">
        {allowed.map((rule) => (
          <li key={`${rule.from} ${rule.module}`} data-testid={`allowed-${rule.module}`}>
            <div>
              <strong>{rule.module}</strong>
              {rule.why && <p className="palette-about">{rule.why}</p>}
            </div>
            <span className="settings-actions">
              <span className="settings-dim">{text.from[rule.from]}</span>
              {mayChange && rule.from === 'shop' && (
                <Tooltip label={text.remove(rule.module)}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="lg"
                    aria-label={text.remove(rule.module)}
                    disabled={isSaving}
                    onClick={() => void save(own.filter((each) => each.module !== rule.module))}
                  >
                    <X size={16} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              )}
            </span>
          </li>
        ))}
      </ul>
      {mayChange && (
        <form onSubmit={(event) => void add(event)}>
          <div className="settings-fields">
            <TextInput
              label={text.module}
              value={module}
              onChange={(event) => setModule(event.currentTarget.value)}
              error={problem}
              spellCheck={false}
              data-testid="allow-module"
            />
            <TextInput label={text.why} value={why} maxLength={300} onChange={(event) => setWhy(event.currentTarget.value)} data-testid="allow-why" />
          </div>
          <Button type="submit" variant="default" disabled={module.trim() === ''} loading={isSaving} data-testid="allow-add">
            {text.add}
          </Button>
        </form>
      )}
    </section>
  )
}

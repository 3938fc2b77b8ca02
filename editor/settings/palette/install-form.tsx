/** Installing a module by its name. */
import { Autocomplete, Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { installModule, type PaletteView } from '../../../server/api/palette.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { usePaletteText } from './words.ts'

interface InstallProps {
  allowed: PaletteView['allowed']
  mayInstall: boolean
  onDone: (view: PaletteView) => void
}

export function InstallForm({ allowed, mayInstall, onDone }: InstallProps) {
  const { install: text } = usePaletteText()
  const [module, setModule] = useState('')
  const [version, setVersion] = useState('')
  const { busy: working, problem, run } = useDoing()
  const install = (event: FormEvent) => {
    event.preventDefault()
    const [, name = '', wanted = ''] = /^(@?[^@]+)(?:@(.*))?$/.exec(module.trim()) ?? []
    void run(async () => {
      const at = version.trim() || wanted
      onDone(await call(installModule, { body: { module: name, ...(at ? { version: at } : {}) } }))
      notifications.show({ message: text.done(name) })
      setModule('')
      setVersion('')
    }, name)
  }
  return (
    <section className="settings-card" aria-labelledby="palette-install">
      <h3 id="palette-install">{text.title}</h3>
      {mayInstall ? (
        <form onSubmit={install}>
          <div className="settings-fields">
            <Autocomplete
              label={text.module}
              description={text.moduleHint}
              data={allowed.filter((rule) => rule.from !== 'product' && !rule.module.endsWith('/*')).map((rule) => rule.module)}
              value={module}
              onChange={setModule}
              spellCheck={false}
              data-testid="palette-module"
            />
            <TextInput
              label={text.version}
              description={text.versionHint}
              value={version}
              onChange={(event) => setVersion(event.currentTarget.value)}
              spellCheck={false}
            />
          </div>
          <div role="alert">{problem && <p className="settings-problem">{problem}</p>}</div>
          <div role="status">{working !== undefined && <p className="settings-dim">{text.working(working)}</p>}</div>
          <Button type="submit" disabled={module.trim() === ''} loading={working !== undefined} data-testid="palette-install">
            {text.now}
          </Button>
        </form>
      ) : (
        <p className="settings-dim">{text.mayNot}</p>
      )}
    </section>
  )
}

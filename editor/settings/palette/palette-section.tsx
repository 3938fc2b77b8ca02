/** The palette: what is installed and what it may do, installing and removing, what may be installed. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { RefreshCw, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { getPalette, type PaletteView, restartRuntime } from '../../../server/api/palette.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { AllowedModules } from './allowed-modules.tsx'
import { InstallForm } from './install-form.tsx'
import { ModuleList } from './module-list.tsx'
import { usePaletteText } from './words.ts'

export function PaletteSection() {
  const text = usePaletteText()
  const { me } = useMe()
  // a runtime that comes or goes, and a deploy, change what there is to tell
  const runtime = useLive('flows', (_, change) => change, may(me, 'flows.view')).value
  const { value, error, refresh } = useLoad('palette', () => call(getPalette), `${runtime?.runtime.process} ${runtime?.rev}`)
  const [changed, setChanged] = useState<{ from: PaletteView | undefined; view: PaletteView }>()
  // what an answer brought counts until something newer was loaded
  const view = changed && changed.from === value ? changed.view : value
  if (!view) return <NotRead error={error} onAgain={refresh} words={{ again: text.again }} />
  const take = (next: PaletteView) => setChanged({ from: value, view: next })
  const mayInstall = may(me, 'flows.code')
  return (
    <>
      <p className="settings-dim">{text.hint}</p>
      {view.needsRestart && <Restart mayRestart={may(me, 'system.manage')} />}
      {view.modules ? (
        <ModuleList modules={view.modules} mayChange={mayInstall} onChange={take} />
      ) : (
        <div className="settings-card" role="status">
          <p className="settings-warn">
            <TriangleAlert size={16} aria-hidden /> {text.away}
          </p>
          <Button variant="default" onClick={refresh}>
            {text.again}
          </Button>
        </div>
      )}
      {view.modules && <InstallForm allowed={view.allowed} mayInstall={mayInstall} onDone={take} />}
      <AllowedModules allowed={view.allowed} mayChange={may(me, 'system.manage')} onChange={refresh} />
    </>
  )
}

function Restart({ mayRestart }: { mayRestart: boolean }) {
  const text = usePaletteText()
  const [isAsking, setAsking] = useState(false)
  const restart = async () => {
    setAsking(true)
    try {
      await call(restartRuntime)
      notifications.show({ message: text.restart.asked })
    } catch (error) {
      notifications.show({ color: 'red', title: text.failed, message: (error as Error).message })
    } finally {
      setAsking(false)
    }
  }
  return (
    <section className="settings-card" aria-label={text.restart.now} data-testid="palette-restart">
      <p className="settings-warn">
        <TriangleAlert size={16} aria-hidden /> {text.restart.needed}
      </p>
      <p className="settings-dim">{text.restart.what}</p>
      {mayRestart && (
        <Button
          variant="default"
          leftSection={<RefreshCw size={16} aria-hidden />}
          loading={isAsking}
          onClick={() => void restart()}
          data-testid="restart-runtime"
        >
          {text.restart.now}
        </Button>
      )}
    </section>
  )
}

/** Where it begins: a place to drop something, what can be brought, what was brought and what waits for a deploy. */
import { Button } from '@mantine/core'
import { FileUp, FolderUp, LoaderCircle } from 'lucide-react'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { bringMoveIn, forgetMoveIn, listMoveIns, MOVE_IN_KINDS, type MoveIn } from '../../../server/api/move-in.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { type Chosen, chosenOf, droppedOf, pack } from './pack.ts'
import { useMoveInText } from './words.ts'

type State = { is: 'idle' } | { is: 'packing' | 'sending'; name: string; leave: AbortController } | { is: 'refused'; name: string; why: string }

function useBring(onBrought: (report: MoveIn) => void) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const [state, setState] = useState<State>({ is: 'idle' })
  const bring = async (choosing: Chosen | Promise<Chosen>) => {
    const leave = new AbortController()
    setState({ is: 'packing', name: '', leave })
    let name = ''
    try {
      const chosen = await choosing
      name = chosen.name
      setState({ is: 'packing', name, leave })
      const packed = await pack(chosen)
      if (leave.signal.aborted) return
      if (packed.is !== 'file') {
        setState({ is: 'refused', name, why: packed.is === 'nothing' ? text.nothingInFolder : text.tooLarge(format.bytes(packed.bytes)) })
        return
      }
      setState({ is: 'sending', name, leave })
      const report = await call(bringMoveIn, { query: { name: packed.name.slice(0, 200) || 'upload' }, body: packed.body, signal: leave.signal })
      setState({ is: 'idle' })
      onBrought(report)
    } catch (error) {
      if (leave.signal.aborted) return
      // a folder that changed or may not be read ends here as well
      setState({ is: 'refused', name, why: error instanceof ApiError || error instanceof Error ? error.message : String(error) })
    }
  }
  const stop = () => {
    if ('leave' in state) state.leave.abort()
    setState({ is: 'idle' })
  }
  return { state, bring, stop }
}

export function StartView({ onBrought }: { onBrought: (report: MoveIn) => void }) {
  const text = useMoveInText()
  const { state, bring, stop } = useBring(onBrought)
  const [isOver, setOver] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const isBusy = 'leave' in state
  // a file that misses would otherwise take the page's place in the window
  useEffect(() => {
    const stay = (event: Event) => event.preventDefault()
    addEventListener('dragover', stay)
    addEventListener('drop', stay)
    return () => {
      removeEventListener('dragover', stay)
      removeEventListener('drop', stay)
    }
  }, [])
  const onDrop = (event: DragEvent) => {
    setOver(false)
    if (!isBusy) void bring(droppedOf(event.dataTransfer))
  }
  const onChoose = (list: FileList | null) => {
    if (list?.length && !isBusy) void bring(chosenOf(list))
  }
  return (
    <>
      <p className="move-in-intro">{text.intro}</p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same for everybody */}
      <div
        className="move-in-drop"
        data-over={isOver ? '' : undefined}
        onDragEnter={() => setOver(true)}
        onDragOver={() => setOver(true)}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        data-testid="move-in-drop"
      >
        {isBusy ? (
          <>
            <p role="status">
              <LoaderCircle size={20} aria-hidden className="move-in-turns" /> {state.is === 'packing' ? text.packing(state.name) : text.sending(state.name)}
            </p>
            <Button variant="default" onClick={stop}>
              {text.stop}
            </Button>
          </>
        ) : (
          <>
            <FolderUp size={32} aria-hidden />
            <strong>{isOver ? text.dropNow : text.drop}</strong>
            <div className="settings-actions">
              <Button variant="default" leftSection={<FolderUp size={16} aria-hidden />} onClick={() => folder.current?.click()}>
                {text.chooseFolder}
              </Button>
              <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} onClick={() => file.current?.click()}>
                {text.chooseFile}
              </Button>
            </div>
            <p className="settings-dim">{text.safe}</p>
          </>
        )}
        <input
          ref={file}
          type="file"
          hidden
          data-testid="move-in-file"
          onChange={(event) => {
            onChoose(event.currentTarget.files)
            event.currentTarget.value = ''
          }}
        />
        <input
          ref={folder}
          type="file"
          hidden
          multiple
          // not in the types of React: a folder, with all that is in it
          {...{ webkitdirectory: '' }}
          data-testid="move-in-folder"
          onChange={(event) => {
            onChoose(event.currentTarget.files)
            event.currentTarget.value = ''
          }}
        />
      </div>
      {state.is === 'refused' && (
        <div className="settings-card" role="alert" data-testid="move-in-refused">
          <strong>{text.refused(state.name)}</strong>
          <p className="settings-problem">{state.why}</p>
        </div>
      )}
      <Brought />
      <section className="settings-card">
        <h3>{text.what}</h3>
        <dl className="settings-facts move-in-kinds">
          {MOVE_IN_KINDS.map((kind) => (
            <div key={kind}>
              <dt>{text.kinds[kind]}</dt>
              <dd>{text.kindHints[kind]}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
}

function Brought() {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const { value, refresh } = useLoad('brought', () => call(listMoveIns))
  const [told, setTold] = useState('')
  const forget = async (id: string, name: string) => {
    try {
      await call(forgetMoveIn, { params: { moveInId: id } })
      setTold(text.forgotten(name))
    } catch (error) {
      setTold(error instanceof Error ? error.message : String(error))
    }
    refresh()
  }
  return (
    <>
      <p role="status" className={told ? undefined : 'settings-only-read'}>
        {told}
      </p>
      {value && value.waiting.length > 0 && (
        <section className="settings-card" data-testid="move-in-waiting">
          <h3>{text.waiting}</h3>
          <p className="settings-dim">{text.waitingHint}</p>
          <ul className="settings-list">
            {value.waiting.map(({ id, name, secrets, contextKeys }) => (
              <li key={id}>
                <div>
                  <strong>{name}</strong>
                  <div className="settings-dim">{text.waits(format.number(secrets), format.number(contextKeys))}</div>
                </div>
                <Button variant="subtle" color="gray" onClick={() => void forget(id, name)} aria-label={`${text.forget}: ${name}`}>
                  {text.forget}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {value && value.brought.length > 0 && (
        <section className="settings-card" data-testid="move-in-brought">
          <h3>{text.brought}</h3>
          <ul className="settings-list">
            {value.brought.map(({ id, kind, name, at, until }) => (
              <li key={id}>
                <div>
                  <strong>{name}</strong>
                  <div className="settings-dim">
                    {text.kinds[kind]} · {format.dateTime(at)} · {text.until(format.day(until.slice(0, 10)))}
                  </div>
                </div>
                <div className="settings-actions">
                  <Button component="a" variant="default" href={`#move-in/${id}`} aria-label={`${text.open}: ${name}`}>
                    {text.open}
                  </Button>
                  <Button variant="subtle" color="gray" onClick={() => void forget(id, name)} aria-label={`${text.forget}: ${name}`}>
                    {text.forget}
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

import { Autocomplete, Button, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useFindText } from '../find/text.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { folderOf, foldersOf, moveToFolder } from './flows.ts'

/** A tab's name while it is written, in the tab's place. */
export function Rename({ name, onDone }: { name: string; onDone: (name: string | undefined) => void }) {
  const text = useDesignerText()
  const [value, setValue] = useState(name)
  return (
    <TextInput
      size="xs"
      className="tab-rename"
      aria-label={text.tabs.name}
      value={value}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setValue(event.currentTarget.value)}
      onBlur={() => onDone(value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onDone(value)
        if (event.key === 'Escape') onDone(undefined)
      }}
      data-testid="tab-rename"
    />
  )
}

/** Asks for the folder of a flow. */
export function MoveToFolder({ id, onClose }: { id: string; onClose: () => void }) {
  const text = useFindText().flows
  const { model } = useWorkspace()
  const tab = model.get(id)
  const [folder, setFolder] = useState(tab ? folderOf(tab).folder : '')
  const move = () => {
    moveToFolder(model, id, folder)
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={text.toFolder} size="sm" transitionProps={{ duration: 0 }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          move()
        }}
      >
        <Autocomplete
          label={text.newFolder}
          description={text.folderHint}
          placeholder={text.noFolder}
          data={foldersOf(model)}
          value={folder}
          onChange={setFolder}
          data-autofocus
          data-testid="folder"
        />
        <Button type="submit" data-testid="folder-move">
          {text.move}
        </Button>
      </form>
    </Modal>
  )
}

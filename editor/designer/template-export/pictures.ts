/** Pictures that a person chose, as a template holds them. */
import { idFor, type Picture } from './draft.ts'

const MOST = 5
const MOST_BYTES = 2_000_000
const ENDINGS: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' }

/** @returns those that were there with the new ones, and the names of what cannot be taken */
export async function picturesFrom(files: readonly File[], before: readonly Picture[]): Promise<{ pictures: Picture[]; refused: string[] }> {
  const pictures = [...before]
  const refused: string[] = []
  for (const file of files) {
    const ending = ENDINGS[file.type]
    if (!ending || file.size > MOST_BYTES || pictures.length >= MOST) {
      refused.push(file.name)
      continue
    }
    const name = freeName(idFor(file.name.replace(/\.[^.]*$/, '')).slice(0, 50), ending, pictures)
    pictures.push({ name, base64: await base64Of(file) })
  }
  return { pictures, refused }
}

function freeName(base: string, ending: string, taken: readonly Picture[]): string {
  for (let n = 1; ; n += 1) {
    const name = `${base}${n === 1 ? '' : `-${n}`}.${ending}`
    if (!taken.some((each) => each.name === name)) return name
  }
}

const base64Of = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '')
    reader.onerror = () => reject(reader.error ?? new Error(file.name))
    reader.readAsDataURL(file)
  })

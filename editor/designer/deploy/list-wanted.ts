/** Whether a person wants the check list before every deploy: a choice of this browser. */
const KEY = 'cellwright-deploy-list'

export function isListAlwaysShown(): boolean {
  try {
    return localStorage.getItem(KEY) === 'always'
  } catch {
    // storage is forbidden: the list then comes where it has something to say
    return false
  }
}

export function setListAlwaysShown(isAlways: boolean): void {
  try {
    if (isAlways) localStorage.setItem(KEY, 'always')
    else localStorage.removeItem(KEY)
  } catch {
    // as above
  }
}

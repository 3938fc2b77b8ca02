// Runs before the first paint, so that a page never flashes in the wrong colours or language.
;(() => {
  let scheme = null
  let language = null
  try {
    scheme = localStorage.getItem('cellwright-colors')
    language = localStorage.getItem('cellwright-language')
    // what the shop has set, as this browser last heard it
    const shop = JSON.parse(localStorage.getItem('cellwright-shop') || '{}').language
    if (!language && (shop === 'de' || shop === 'en')) language = shop
  } catch {
    // storage may be forbidden: the system's own choice then holds
  }
  const isDark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
  document.documentElement.lang = language || (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en')
})()

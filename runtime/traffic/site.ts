import { choice, type Choice } from './choice.ts'

/** What a visitor finds on a page. */
type PageKind = 'browse' | 'product' | 'cart' | 'checkout' | 'search'

export interface Page {
  url: string
  kind: PageKind
  /** The url in UTF-8. */
  bytes: Uint8Array
}

const page = (url: string, kind: PageKind): Page => ({ url, kind, bytes: new TextEncoder().encode(url) })
const browse = (url: string): Page => page(url, 'browse')
const product = (name: string): Page => page(`/products/${name}`, 'product')

/** Pages that belong to no category, and those of the way to a purchase. */
export const cart: Page = page('/cart', 'cart')
export const checkout: Page = page('/checkout', 'checkout')
export const searchPage: Page = page('/search', 'search')

export const browsePage: Choice<Page> = choice(
  [browse('/home'), 46],
  [browse('/products'), 30],
  [browse('/blog'), 12],
  [browse('/contact'), 7],
  [browse('/about'), 5],
)

export interface Category {
  name: string
  product: Choice<Page>
}

const category = (name: string, ...products: [string, string, string]): Category => ({
  name,
  product: choice([product(products[0]), 58], [product(products[1]), 27], [product(products[2]), 15]),
})

/** The category a visitor shops in. */
export const shoppedCategory: Choice<Category> = choice(
  [category('electronics', 'laptop', 'phone', 'headphones'), 40],
  [category('fashion', 'sneakers', 'jacket', 'watch'), 23],
  [category('home', 'sofa', 'lamp', 'kettle'), 16],
  [category('sports', 'bicycle', 'tent', 'racket'), 12],
  [category('books', 'novel', 'cookbook', 'atlas'), 9],
)

export const referrer: Choice<string> = choice(
  ['google.com', 42],
  ['direct', 25],
  ['x.com', 14],
  ['email', 11],
  ['reddit.com', 8],
)

export const deviceType: Choice<string> = choice(['mobile', 56], ['desktop', 36], ['tablet', 8])

export const country: Choice<string> = choice(
  ['US', 38],
  ['UK', 16],
  ['DE', 13],
  ['CA', 10],
  ['FR', 9],
  ['JP', 8],
  ['AU', 6],
)

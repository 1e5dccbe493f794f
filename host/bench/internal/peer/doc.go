// Package peer runs other people's work beside ours: plugin systems, and
// databases doing the transaction of package storagetest. Each is set up as its
// own documentation says, in the way that is best for it. It must not know the
// host's kernel or any guest of ours.
package peer

"""The ground everything stands on: the home page, a branch per college, the workflow. Made once, found ever after."""

from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from cms.access import APPROVERS, group_of_college, permissions, plain_group
from cms.models import BureauApprovalTask, CollegePage, CollegeReviewTask, HomePage
from lms.people.models import Organisation

WORKFLOW = "课程审批"
# One after the other.
STEPS = ((CollegeReviewTask, "院校复核"), (BureauApprovalTask, WORKFLOW))
ROOT_TITLE = "Root"
# (app, model, codename): the editor itself, and what a college may do on its own branch …
PAGE_RIGHTS = (
    ("wagtailadmin", "admin", "access_admin"),
    ("wagtailcore", "page", "add_page"),
    ("wagtailcore", "page", "change_page"),
)
# … and with the files of its own collection.
FILE_RIGHTS = (
    ("wagtailimages", "image", "add_image"),
    ("wagtailimages", "image", "change_image"),
    ("wagtailimages", "image", "choose_image"),
    ("wagtaildocs", "document", "add_document"),
    ("wagtaildocs", "document", "change_document"),
    ("wagtaildocs", "document", "choose_document"),
    ("wagtailmedia", "media", "add_media"),
    ("wagtailmedia", "media", "change_media"),
)


@transaction.atomic
def lay_ground() -> HomePage:
    """Make home page, site, root collection, workflow and groups where they are missing. Safe to repeat."""
    if not Locale.objects.exists():
        Locale.objects.create(language_code="zh-hans")
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title=ROOT_TITLE, slug="root"))
    if Collection.get_first_root_node() is None:
        Collection.add_root(instance=Collection(name=ROOT_TITLE))
    home: HomePage = HomePage.objects.first() or _home(Page.objects.get(pk=root.pk))
    _workflow(home)
    plain_group(APPROVERS)
    return home


@transaction.atomic
def college_page(college: Organisation) -> CollegePage:
    """The college's branch of the tree, with its collection and the rights of its group."""
    existing: CollegePage | None = CollegePage.objects.filter(organisation=college).first()
    if existing:
        return existing
    # The home page's row is the lock: two branches never take the same place.
    home = HomePage.objects.select_for_update().first() or lay_ground()
    existing = CollegePage.objects.filter(organisation=college).first()
    if existing:
        return existing
    root = Collection.get_first_root_node()
    collection = root.add_child(instance=Collection(name=college.name[:255]))
    group = group_of_college(college.pk)
    page: CollegePage = home.add_child(
        instance=CollegePage(
            title=college.name, slug=f"college-{college.pk}", organisation=college, collection=collection, group=group
        )
    )
    _grant(page)
    return page


def _grant(page: CollegePage) -> None:
    """The rights of a new branch's group: in the editor, on the branch, on the files of its collection."""
    enter, *on_pages = permissions(PAGE_RIGHTS)
    page.group.permissions.add(enter)
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=page.group, page_id=page.pk, permission=right) for right in on_pages
    )
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=page.group, collection=page.collection, permission=right)
        for right in permissions(FILE_RIGHTS)
    )


def _home(root: Page) -> HomePage:
    # Wagtail's own migrations leave a welcome page that nobody needs.
    for page in root.get_children().filter(slug="home", numchild=0):
        Site.objects.filter(root_page=page).delete()
        page.delete()
    root = Page.objects.get(pk=root.pk)
    home: HomePage = root.add_child(instance=HomePage(title=WORKFLOW[:2], slug="courses"))
    Site.objects.get_or_create(hostname="localhost", defaults={"root_page": home, "is_default_site": True})
    return home


def _workflow(home: HomePage) -> None:
    workflow, _made = Workflow.objects.get_or_create(name=WORKFLOW)
    for place, (step, name) in enumerate(STEPS):
        task = step.objects.first() or step.objects.create(name=name)
        WorkflowTask.objects.update_or_create(workflow=workflow, task=task, defaults={"sort_order": place})
    # Wagtail ships a workflow of its own on the root page; ours is nearer and wins.
    WorkflowPage.objects.update_or_create(page_id=home.pk, defaults={"workflow": workflow})

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("documents", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("phone", models.CharField(blank=True, max_length=20, null=True, unique=True, verbose_name="手机号")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "账号",
                "verbose_name_plural": "账号",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("college", "培训院校"),
                            ("institution", "托育机构"),
                            ("training_base", "实训基地"),
                            ("health_bureau", "卫生健康部门"),
                            ("hr_bureau", "人力资源社会保障部门"),
                        ],
                        max_length=16,
                        verbose_name="类型",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="英文名称")),
                (
                    "credit_code",
                    models.CharField(
                        blank=True, max_length=18, null=True, unique=True, verbose_name="统一社会信用代码"
                    ),
                ),
                ("credit_code_warning", models.BooleanField(default=False, verbose_name="信用代码校验位不符")),
                ("region_code", models.CharField(db_index=True, max_length=6, verbose_name="所在地区")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                ("contact_name", models.CharField(blank=True, max_length=100, verbose_name="联系人")),
                ("contact_phone", models.CharField(blank=True, max_length=20, verbose_name="联系电话")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("applied", "待审核"),
                            ("admitted", "已准入"),
                            ("refused", "未通过"),
                            ("closed", "已关闭"),
                        ],
                        default="applied",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="申请时间")),
            ],
            options={
                "verbose_name": "机构",
                "verbose_name_plural": "机构",
                "indexes": [models.Index(fields=["kind", "status", "region_code"], name="organisation_kind_status")],
            },
        ),
        migrations.CreateModel(
            name="IntegrityRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("good", models.BooleanField(verbose_name="守信")),
                ("fact", models.TextField(verbose_name="事实")),
                ("authority", models.CharField(max_length=200, verbose_name="认定机关")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="integrity_records",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "诚信记录",
                "verbose_name_plural": "诚信记录",
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("hiring-checks", "从业核查"), ("standing", "学时查询"), ("xapi", "学习记录")],
                        max_length=32,
                        verbose_name="用途",
                    ),
                ),
                ("prefix", models.CharField(max_length=12, verbose_name="前缀")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("created_by", models.CharField(max_length=150, verbose_name="创建者")),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="停用时间")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="api_keys", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "接口密钥",
                "verbose_name_plural": "接口密钥",
            },
        ),
        migrations.CreateModel(
            name="AdmissionDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("applied", "待审核"),
                            ("admitted", "已准入"),
                            ("refused", "未通过"),
                            ("closed", "已关闭"),
                        ],
                        max_length=16,
                        verbose_name="决定",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "准入决定",
                "verbose_name_plural": "准入决定",
            },
        ),
        migrations.CreateModel(
            name="OrganisationProof",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.archiveddocument"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proofs", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "申请材料",
                "verbose_name_plural": "申请材料",
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                (
                    "sex",
                    models.CharField(blank=True, choices=[("F", "女"), ("M", "男")], max_length=1, verbose_name="性别"),
                ),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="出生日期")),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="手机号")),
                ("region_code", models.CharField(db_index=True, max_length=6, verbose_name="所在地区")),
                ("created_at", models.DateTimeField(verbose_name="登记时间")),
            ],
            options={
                "verbose_name": "人员",
                "verbose_name_plural": "人员",
                "indexes": [models.Index(fields=["name", "birth_date"], name="person_name_birth")],
            },
        ),
        migrations.CreateModel(
            name="Employment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "post",
                    models.CharField(
                        choices=[
                            ("institution_head", "机构负责人"),
                            ("caregiver", "保育人员"),
                            ("health_staff", "卫生保健人员"),
                            ("cook", "炊事人员"),
                            ("guard", "保安人员"),
                        ],
                        max_length=32,
                        verbose_name="岗位",
                    ),
                ),
                ("from_date", models.DateField(verbose_name="入职日期")),
                ("to_date", models.DateField(blank=True, null=True, verbose_name="离职日期")),
                ("end_reason", models.CharField(blank=True, max_length=200, verbose_name="离职原因")),
                ("check_id", models.UUIDField(blank=True, null=True)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employments",
                        to="people.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="employments", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "任职",
                "verbose_name_plural": "任职",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="person",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="user",
                to="people.person",
            ),
        ),
        migrations.CreateModel(
            name="PreviousName",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(db_index=True, max_length=100, verbose_name="曾用名")),
                ("until", models.DateField(blank=True, null=True, verbose_name="使用至")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="previous_names", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "曾用名",
                "verbose_name_plural": "曾用名",
            },
        ),
        migrations.CreateModel(
            name="Qualification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("yuyingyuan", "育婴员"),
                            ("baoyushi", "保育师"),
                            ("baoyuyuan", "保育员"),
                            ("one_plus_x", "1+X 职业技能等级证书"),
                            ("health_training", "卫生保健人员岗前培训"),
                            ("teacher", "教师资格证"),
                        ],
                        max_length=16,
                        verbose_name="种类",
                    ),
                ),
                ("level", models.CharField(blank=True, max_length=32, verbose_name="等级")),
                ("number", models.CharField(max_length=64, verbose_name="证书编号")),
                ("issued_on", models.DateField(verbose_name="发证日期")),
                ("issuer", models.CharField(max_length=200, verbose_name="发证机关")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="核验时间")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="qualifications", to="people.person"
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "职业资格",
                "verbose_name_plural": "职业资格",
            },
        ),
        migrations.CreateModel(
            name="ReportingLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("from_date", models.DateField(verbose_name="自")),
                ("to_date", models.DateField(blank=True, null=True, verbose_name="至")),
                (
                    "employment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reporting_lines",
                        to="people.employment",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "直接管理人",
                "verbose_name_plural": "直接管理人",
            },
        ),
        migrations.CreateModel(
            name="ResponsiblePerson",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100, verbose_name="法定代表人或举办者")),
                ("from_date", models.DateField(verbose_name="自")),
                ("to_date", models.DateField(blank=True, null=True, verbose_name="至")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responsible_persons",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "责任人",
                "verbose_name_plural": "责任人",
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("body", models.TextField(blank=True, verbose_name="内容")),
                ("url", models.CharField(blank=True, max_length=300)),
                ("urgent", models.BooleanField(default=False, verbose_name="紧急")),
                ("created_at", models.DateTimeField(verbose_name="时间")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="已读时间")),
                ("dedupe_key", models.CharField(blank=True, max_length=120, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="inbox", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "消息",
                "verbose_name_plural": "消息",
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["user", "read_at"], name="message_unread")],
                "constraints": [models.UniqueConstraint(fields=("user", "dedupe_key"), name="one_message_a_news")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("practitioner", "从业人员"),
                            ("college_author", "课程作者"),
                            ("college_teacher", "授课教师"),
                            ("college_publisher", "院校发布人"),
                            ("institution_checker", "机构核查员"),
                            ("institution_manager", "机构负责人"),
                            ("bureau_auditor", "审计员"),
                            ("bureau_approver", "审批员"),
                            ("registrar", "禁入登记员"),
                            ("confirming_registrar", "禁入复核员"),
                            ("administrator", "平台管理员"),
                        ],
                        max_length=32,
                        verbose_name="角色",
                    ),
                ),
                ("from_at", models.DateTimeField(verbose_name="自")),
                ("to_at", models.DateTimeField(blank=True, null=True, verbose_name="至")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "角色",
                "verbose_name_plural": "角色",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("to_at", None)),
                        fields=("user", "organisation", "role"),
                        name="one_open_role_at_a_body",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("organisation", None), ("to_at", None)),
                        fields=("user", "role"),
                        name="one_open_role_of_ones_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnualInspection",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("passed", models.BooleanField(verbose_name="合格")),
                ("note", models.TextField(blank=True, verbose_name="说明")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "年检结果",
                "verbose_name_plural": "年检结果",
                "constraints": [models.UniqueConstraint(fields=("organisation", "year"), name="one_inspection_a_year")],
            },
        ),
        migrations.CreateModel(
            name="IdentityDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("resident_id", "居民身份证"),
                            ("passport", "护照"),
                            ("hk_macau_permit", "港澳居民来往内地通行证"),
                            ("taiwan_permit", "台湾居民来往大陆通行证"),
                            ("hk_macau_taiwan_residence", "港澳台居民居住证"),
                            ("foreign_permanent_residence", "外国人永久居留身份证"),
                        ],
                        max_length=32,
                        verbose_name="证件类型",
                    ),
                ),
                ("ciphertext", models.TextField()),
                ("key_version", models.PositiveSmallIntegerField()),
                ("blind_index", models.CharField(db_index=True, max_length=64)),
                ("masked", models.CharField(max_length=32, verbose_name="证件号")),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "身份证件",
                "verbose_name_plural": "身份证件",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("blind_index",),
                        name="one_valid_document_one_person",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="employment",
            index=models.Index(fields=["institution", "to_date"], name="employment_roster"),
        ),
        migrations.AddConstraint(
            model_name="employment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("to_date", None)), fields=("person", "institution"), name="one_open_employment"
            ),
        ),
        migrations.AddConstraint(
            model_name="employment",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_date", None), ("to_date__gte", models.F("from_date")), _connector="OR"),
                name="employment_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"), name="one_account_a_username"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="one_account_an_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.UniqueConstraint(fields=("kind", "number"), name="one_qualification_number"),
        ),
        migrations.AddConstraint(
            model_name="reportingline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("to_date", None)), fields=("employment",), name="one_direct_manager_at_a_time"
            ),
        ),
    ]
